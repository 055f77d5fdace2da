import { refuseGroupMac } from "../address/mac.js";
import { type Prefix, parseInterfaceAddress } from "../address/prefix.js";
import type { Port } from "../schema/gateway.js";
import { type CheckContext, checkPrefix, refuse, refuseNotOneHost } from "./context.js";
import type { Draft } from "./draft.js";
import { FRAME_RESERVE, frameSizeOf, KERNEL_HEADROOM, sharedHeadroom } from "./headroom.js";
import { at, type Place } from "./place.js";
import { mayPushTag, UNDERLAY_TAG_BYTES } from "./push.js";

/** A port as far as it could be read. */
export interface PortFacts {
  readonly index: number;
  readonly place: Place;
  readonly draft: Draft<Port>;
}

/** The ports of the gateway file. */
export interface PortSet {
  readonly place: Place;
  /** By name. */
  readonly byName: ReadonlyMap<string, PortFacts>;
  /** In file order; undefined where nothing of an entry was usable. */
  readonly drafts: readonly (Draft<Port> | undefined)[];
  /** False: a name may be missing only because its port has errors. */
  readonly isComplete: boolean;
  /** Bytes, of all ports together. */
  readonly sharedHeadroom: number;
  /** Keys of the broadcast addresses of connected IPv4 networks. */
  readonly broadcasts: ReadonlySet<string>;
  /** Bytes of the tag that a sent tunnel packet may carry: 4 if a port may have one for them. */
  readonly underlayTag: number;
}

/** Checks each port by itself, and that names and interfaces are used once. */
export function checkPorts(
  place: Place,
  drafts: readonly (Draft<Port> | undefined)[] | undefined,
  context: CheckContext,
): PortSet {
  const byName = new Map<string, PortFacts>();
  const byInterface = new Map<string, Place>();
  const broadcasts = new Set<string>();
  const shared = sharedHeadroom(drafts ?? []);
  (drafts ?? []).forEach((draft, index) => {
    if (draft === undefined) {
      return;
    }
    const facts = { index, place: at(place, index), draft };
    claimName(facts, byName, context);
    claimInterface(facts, byInterface, context);
    checkAddresses(facts, broadcasts, context);
    checkSizes(facts, shared, context);
  });
  const isComplete = drafts?.every((draft) => draft?.name !== undefined) ?? false;
  const isTagged = drafts?.some((draft) => mayPushTag(draft?.vlan, draft?.interface)) ?? false;
  return {
    place,
    byName,
    drafts: drafts ?? [],
    isComplete,
    sharedHeadroom: shared,
    broadcasts,
    underlayTag: isTagged ? UNDERLAY_TAG_BYTES : 0,
  };
}

function claimName(facts: PortFacts, byName: Map<string, PortFacts>, { problems }: CheckContext) {
  const name = facts.draft.name;
  if (name === undefined) {
    return;
  }
  const first = byName.get(name);
  if (first === undefined) {
    byName.set(name, facts);
    return;
  }
  problems.error(at(facts.place, "name"), "ADIT-1302", {
    message: `the port name "${name}" is already used`,
    other: at(first.place, "name"),
    fix: "write another name",
  });
}

function claimInterface(facts: PortFacts, used: Map<string, Place>, { problems }: CheckContext) {
  const device = facts.draft.interface;
  if (device === undefined) {
    return;
  }
  const other = used.get(device);
  if (other !== undefined) {
    const message = `the interface "${device}" already belongs to another port`;
    const fix = "write another interface";
    problems.error(at(facts.place, "interface"), "ADIT-1311", { message, other, fix });
    return;
  }
  used.set(device, at(facts.place, "interface"));
}

function checkAddresses(
  { place, draft }: PortFacts,
  broadcasts: Set<string>,
  context: CheckContext,
): void {
  if (draft.mac !== undefined) {
    refuse(at(place, "mac"), refuseGroupMac(draft.mac), context);
  }
  draft.addresses?.forEach((text, index) => {
    const where = at(place, "addresses", index);
    const prefix =
      text === undefined ? undefined : checkPrefix(where, text, parseInterfaceAddress, context);
    if (prefix !== undefined && !refuseNotOneHost(where, prefix.address, context)) {
      addBroadcast(prefix, broadcasts);
    }
  });
}

/** The all-ones host of a network; links of two hosts (RFC 3021) and single hosts have none. */
function addBroadcast({ address, length }: Prefix, broadcasts: Set<string>): void {
  if (address.family === 4 && length <= 30) {
    const hostBits = 2 ** (32 - length) - 1;
    const value = (Number.parseInt(address.key, 16) | hostBits) >>> 0;
    broadcasts.add(value.toString(16).padStart(8, "0"));
  }
}

function checkSizes({ place, draft }: PortFacts, shared: number, { problems }: CheckContext) {
  const { ringSize, headroom = 0, reservedHeadroom = 0 } = draft;
  if (ringSize !== undefined && (ringSize & (ringSize - 1)) !== 0) {
    const below = 2 ** Math.floor(Math.log2(ringSize));
    const message = `${ringSize} is not a power of two`;
    const fix = `write ${below} or ${below * 2}`;
    problems.error(at(place, "ringSize"), "ADIT-1213", { message, fix });
  }
  const frameSize = frameSizeOf(draft, draft.mtu);
  if (headroom + FRAME_RESERVE > frameSize) {
    const most = frameSize - FRAME_RESERVE;
    const message = `headroom ${headroom} and ${FRAME_RESERVE} do not fit a frame of ${frameSize} bytes`;
    const larger = frameSize === 2048 && headroom <= 4096 - FRAME_RESERVE;
    const fix = `write at most ${most}${larger ? ', or "frameSize": 4096' : ""}`;
    problems.error(at(place, "headroom"), "ADIT-1313", { message, fix });
  }
  if (reservedHeadroom > shared + KERNEL_HEADROOM) {
    const message = `the driver cannot use ${reservedHeadroom} bytes of ${shared + KERNEL_HEADROOM}`;
    const fix = `write at most ${shared + KERNEL_HEADROOM}, or a larger "headroom"`;
    problems.error(at(place, "reservedHeadroom"), "ADIT-1315", { message, fix });
  }
}
