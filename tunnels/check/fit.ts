import type { CheckContext } from "./context.js";
import { FRAME_RESERVE, KERNEL_HEADROOM, roomForPush } from "./headroom.js";
import type { Ledger } from "./ledger.js";
import { at } from "./place.js";
import type { PortFacts, PortSet } from "./ports.js";

/** Checks what the gateway file and all tunnel files say together. */
export function checkFit(ports: PortSet, ledger: Ledger, context: CheckContext): void {
  for (const port of ports.byName.values()) {
    checkTunnelsKey(port, ledger, context);
    checkRoom(port, ports, ledger, context);
  }
  const takers = [...ports.byName.keys()].filter((name) => !ledger.attachedPorts.has(name));
  if (ledger.tunnelCount > 0 && takers.length === 0 && ports.isComplete) {
    const many = ledger.tunnelCount === 1 ? "is 1 tunnel" : `are ${ledger.tunnelCount} tunnels`;
    const why =
      ports.byName.size === 0
        ? "there are no ports"
        : "ports[].tunnels is false on all, as all have attachments";
    context.problems.error(ports.place, "ADIT-1312", {
      message: `there ${many}, but ${why}`,
      fix: "add a port without attachments, where ports[].tunnels is true by default",
    });
  }
}

/** `tunnels` asks for nothing where it says what would be so without it. */
function checkTunnelsKey({ place, draft }: PortFacts, ledger: Ledger, { problems }: CheckContext) {
  const byDefault = !ledger.attachedPorts.has(draft.name ?? "");
  if (draft.tunnels !== undefined && draft.tunnels !== byDefault) {
    const kind = byDefault ? "without" : "with";
    const message = `"tunnels": ${draft.tunnels} on a port ${kind} attachments is not supported by this version yet`;
    const fix = `leave it out: it is ${byDefault} here`;
    problems.error(at(place, "tunnels"), "ADIT-1401", { message, fix });
  }
}

function checkRoom(port: PortFacts, ports: PortSet, ledger: Ledger, { problems }: CheckContext) {
  const { draft, place } = port;
  const deepest = ledger.deepestPush.get(draft.name ?? "");
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
