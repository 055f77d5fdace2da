/* What the steering rules make of VLAN tags: which tags a frame has, and whether an attachment of
 * the port claims them. A part of rules.h; plain C for both compilers. */
#pragma once

#include "steer/frame_cursor.h"

/* The includer's own; only handed through. */
struct steer_context;

/* Is the VID in that set of the port's claims? */
STEER_INLINE int steer_is_vid_claimed(const struct steer_context* context, enum steer_vid_set set,
                                      __u32 vid);
/* Does an attachment of the port claim exactly these two tags? */
STEER_INLINE int steer_is_double_claimed(const struct steer_context* context, steer_double_key key);

enum steer_tag_number {
  STEER_TAG_BYTES = 4,
  STEER_TYPE_VLAN = 0x8100,
  STEER_TYPE_SERVICE_VLAN = 0x88a8,
};

STEER_INLINE int steer_is_vlan(__u32 type) {
  return type == STEER_TYPE_VLAN || type == STEER_TYPE_SERVICE_VLAN;
}

/* The VLAN tags in front of a frame's payload. */
struct steer_tags {
  __u32 count; /* of those that are read: at most 2 */
  __u32 outer_tpid;
  __u32 outer_vid;
  __u32 inner_tpid;
  __u32 inner_vid;
  /* The EtherType behind them. A VLAN's when there are more tags, or the frame ends inside one: it
   * has not these tags alone then. */
  __u32 type;
};

/* `type` is what stands behind the MAC addresses, the cursor behind it. */
STEER_INLINE void steer_read_tags(struct steer_cursor* cursor, __u32 type,
                                  struct steer_tags* tags) {
  const __u8* tag;
  tags->count = 0;
  tags->outer_tpid = 0;
  tags->outer_vid = 0;
  tags->inner_tpid = 0;
  tags->inner_vid = 0;
  tags->type = type;
  if (!steer_is_vlan(type) || !steer_take(cursor, STEER_TAG_BYTES, &tag)) return;
  tags->count = 1;
  tags->outer_tpid = type;
  tags->outer_vid = steer_be16(tag) & (STEER_VIDS - 1);
  tags->type = steer_be16(tag + 2);
  if (!steer_is_vlan(tags->type) || !steer_take(cursor, STEER_TAG_BYTES, &tag)) return;
  tags->count = 2;
  tags->inner_tpid = tags->type;
  tags->inner_vid = steer_be16(tag) & (STEER_VIDS - 1);
  tags->type = steer_be16(tag + 2);
}

/* Are these the tags that the port's tunnel packets carry: none, or one that gives its VID? */
STEER_INLINE int steer_are_tunnel_tags(const struct steer_port* port,
                                       const struct steer_tags* tags) {
  if (tags->count == 0) return port->tunnel_vid == 0;
  return tags->count == 1 && tags->outer_tpid == STEER_TYPE_VLAN && tags->outer_vid != 0 &&
         tags->outer_vid == port->tunnel_vid;
}

/* Which attachment of several that claim the frame gets it is the data path's to say. A priority
 * tag (VID 0) alone counts as no tag; in front of others it makes no tag set that can be claimed
 * but by an attachment that takes all. */
STEER_INLINE int steer_are_tags_claimed(const struct steer_context* context,
                                        const struct steer_port* port,
                                        const struct steer_tags* tags) {
  const int no_more = !steer_is_vlan(tags->type);
  const int service = tags->outer_tpid == STEER_TYPE_SERVICE_VLAN;
  if (port->claims_all) return 1;
  if (tags->count == 0) return no_more && steer_is_vid_claimed(context, STEER_ONE_TAG, 0);
  if (tags->count == 1 && no_more && !service &&
      steer_is_vid_claimed(context, STEER_ONE_TAG, tags->outer_vid)) {
    return 1;
  }
  if (tags->outer_vid == 0) return 0;
  if (steer_is_vid_claimed(context, service ? STEER_OUTER_SERVICE_TAG : STEER_OUTER_TAG,
                           tags->outer_vid)) {
    return 1;
  }
  return tags->count == 2 && no_more && tags->inner_tpid == STEER_TYPE_VLAN &&
         steer_is_double_claimed(context,
                                 steer_double_key_of(service, tags->outer_vid, tags->inner_vid));
}
