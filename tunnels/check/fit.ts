import type { CheckContext } from "./context.js";
import { FRAME_RESERVE, KERNEL_HEADROOM, roomForPush } from "./headroom.js";
import type { Ledger, PushPath } from "./ledger.js";
import { at } from "./place.js";
import type { PortFacts, PortSet } from "./ports.js";
import { UNDERLAY_TAG_BYTES } from "./push.js";

/** Checks what the gateway file and all tunnel files say together. */
export function checkFit(ports: PortSet, ledger: Ledger, context: CheckContext): void {
  for (const port of ports.byName.values()) {
    checkRoom(port, ports, ledger, context);
  }
  const takers = [...ports.byName.values()].filter((port) => takesTunnels(port, ledger));
  if (ledger.tunnelCount > 0 && takers.length === 0 && ports.isComplete) {
    const many = ledger.tunnelCount === 1 ? "is 1 tunnel" : `are ${ledger.tunnelCount} tunnels`;
    const why =
      ports.byName.size === 0 ? "there are no ports" : "ports[].tunnels is false on all of them";
    context.problems.error(ports.place, "ADIT-1312", {
      message: `there ${many}, but ${why}`,
      fix: 'write "tunnels": true on one, or add one without attachments, where it is the default',
    });
  }
}

/** A port whose `tunnels` is wrong may be one that takes them. */
function takesTunnels({ draft }: PortFacts, ledger: Ledger): boolean {
  return "tunnels" in draft ? draft.tunnels !== false : !ledger.attachedPorts.has(draft.name ?? "");
}

/** The deepest push of frames that a port receives, through attachments or out of tunnels. */
function deepestPush(port: PortFacts, ledger: Ledger): PushPath | undefined {
  const { name = "", vlan } = port.draft;
  const attached = ledger.deepestPush.get(name);
  const stitch = ledger.deepestStitch;
  if (stitch === undefined || !takesTunnels(port, ledger)) {
    return attached;
  }
  const push = stitch.push - (vlan === undefined ? 0 : UNDERLAY_TAG_BYTES);
  return push > (attached?.push ?? 0) ? { ...stitch, push } : attached;
}

function checkRoom(port: PortFacts, ports: PortSet, ledger: Ledger, { problems }: CheckContext) {
  const { draft, place } = port;
  const deepest = deepestPush(port, ledger);
  const room = roomForPush(draft, ports.sharedHeadroom);
  if (deepest === undefined || deepest.push <= room || room < 0) {
    return;
  }
  const headroom = deepest.push + (draft.reservedHeadroom ?? 0) - KERNEL_HEADROOM;
  const where = draft.headroom === undefined ? place : at(place, "headroom");
  const needs4096 = headroom + FRAME_RESERVE > (draft.frameSize ?? 2048);
  problems.error(where, "ADIT-1314", {
    message: `${deepest.label} pushes ${deepest.push} bytes, but ${room} fit`,
    fix: `write "headroom": ${headroom}${needs4096 ? ' and "frameSize": 4096' : ""}`,
  });
}
