import assert from "node:assert/strict";
import { test } from "node:test";
import { dropReasons } from "../../../native/index.js";

/** The public contract, in its order; other programs rely on these words. */
const words = `
  truncated bad_outer_header bad_outer_checksum outer_fragment outer_options bad_outer_source
  udp_length zero_checksum vxlan_flags vxlan_reserved gre_flags gre_version gre_checksum
  gre_checksum_missing gre_protocol gre_sequence geneve_version geneve_options geneve_control
  unknown_tunnel unknown_vni unknown_key peer_not_allowed inner_truncated inner_tag inner_source
  inner_loop inner_ttl ecn_congestion too_big no_headroom no_route no_neighbor not_ip
  not_for_router split_horizon same_member no_flood_member static_move reserved_mac tag_mismatch
  blocked_source policed port_down tx_full no_frame
`;

test("dropReasons has every public word once, in order, each with a sentence", () => {
  assert.deepEqual(
    dropReasons.map(({ word }) => word),
    words.trim().split(/\s+/),
  );
  for (const { word, meaning } of dropReasons) {
    assert.match(meaning, /^\S.{10,}[^.]$/, word);
  }
});
