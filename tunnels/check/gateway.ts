import { isRefusal } from "../address/address.js";
import { refuseGroupMac } from "../address/mac.js";
import { parsePrefix } from "../address/prefix.js";
import type { JsonDocument } from "../json/document.js";
import type { GatewayFile } from "../schema/gateway.js";
import { type CheckContext, checkHost, checkPrefix, refuse } from "./context.js";
import type { Draft } from "./draft.js";
import { parseListenAddress, refuseSocketPath } from "./listen.js";
import { at, type Place, rootOf } from "./place.js";
import { checkPortName } from "./port-reference.js";
import { checkPorts, type PortSet } from "./ports.js";

/** Checks the meaning of the gateway file; gives its ports for the tunnel files. */
export function checkGateway(
  document: JsonDocument,
  draft: Draft<GatewayFile>,
  context: CheckContext,
): PortSet {
  const root = rootOf(document);
  // A missing list is an empty one; a list that broke the schema says nothing about the names.
  const portDrafts = draft.ports ?? ("ports" in draft ? undefined : []);
  const portsPlace = "ports" in draft ? at(root, "ports") : root;
  const ports = checkPorts(portsPlace, portDrafts, context);
  checkWorkers(at(root, "workers"), draft.workers, context);
  checkNeighbors(at(root, "neighbors"), draft.neighbors ?? [], ports, context);
  checkRoutes(at(root, "routes"), draft.routes ?? [], ports, context);
  draft.block?.forEach((text, index) => {
    if (text !== undefined) {
      checkPrefix(at(root, "block", index), text, parsePrefix, context);
    }
  });
  checkListen(at(root, "listen"), draft.listen ?? {}, context);
  return ports;
}

function checkWorkers(place: Place, workers: Draft<GatewayFile["workers"]>, context: CheckContext) {
  if (typeof workers !== "object") {
    return;
  }
  const seen = new Set<number>();
  workers.cpus?.forEach((cpu, index) => {
    if (cpu !== undefined && seen.has(cpu)) {
      const message = `CPU ${cpu} is listed twice`;
      const where = at(place, "cpus", index);
      context.problems.error(where, "ADIT-1317", { message, fix: "keep one of them" });
    }
    if (cpu !== undefined) {
      seen.add(cpu);
    }
  });
}

function checkNeighbors(
  place: Place,
  neighbors: Draft<NonNullable<GatewayFile["neighbors"]>>,
  ports: PortSet,
  context: CheckContext,
): void {
  const seen = new Map<string, Place>();
  neighbors.forEach((neighbor, index) => {
    if (neighbor === undefined) {
      return;
    }
    const own = at(place, index);
    checkPortName(at(own, "port"), neighbor.port, ports, context);
    if (neighbor.mac !== undefined) {
      refuse(at(own, "mac"), refuseGroupMac(neighbor.mac), context);
    }
    const { address: text, port } = neighbor;
    const address = text === undefined ? undefined : checkHost(at(own, "address"), text, context);
    if (address !== undefined && port !== undefined) {
      const what = `a neighbor ${text} on port ${port}`;
      refuseRepeated(own, `${address.key} ${port}`, what, seen, context);
    }
  });
}

function checkRoutes(
  place: Place,
  routes: Draft<NonNullable<GatewayFile["routes"]>>,
  ports: PortSet,
  context: CheckContext,
): void {
  const seen = new Map<string, Place>();
  routes.forEach((route, index) => {
    if (route === undefined) {
      return;
    }
    const own = at(place, index);
    checkPortName(at(own, "port"), route.port, ports, context);
    const { prefix: text, via: viaText } = route;
    const via = viaText === undefined ? undefined : checkHost(at(own, "via"), viaText, context);
    if (text === undefined) {
      return;
    }
    const prefix = checkPrefix(at(own, "prefix"), text, parsePrefix, context);
    if (prefix === undefined) {
      return;
    }
    if (via !== undefined && via.family !== prefix.address.family) {
      const message = `the next hop is IPv${via.family}, the prefix IPv${prefix.address.family}`;
      const fix = "write both of one family";
      context.problems.error(at(own, "via"), "ADIT-1304", { message, fix });
    }
    const key = `${prefix.address.key}/${prefix.length}`;
    refuseRepeated(own, key, `a route to ${text}`, seen, context);
  });
}

function refuseRepeated(
  place: Place,
  key: string,
  what: string,
  seen: Map<string, Place>,
  { problems }: CheckContext,
): void {
  const other = seen.get(key);
  if (other === undefined) {
    seen.set(key, place);
    return;
  }
  const message = `${what} is already given`;
  problems.error(place, "ADIT-1316", { message, other, fix: "keep one of them" });
}

function checkListen(
  place: Place,
  listen: Draft<NonNullable<GatewayFile["listen"]>>,
  context: CheckContext,
): void {
  if (typeof listen.http === "string") {
    const parsed = parseListenAddress(listen.http);
    refuse(at(place, "http"), isRefusal(parsed) ? parsed : undefined, context);
  }
  if (listen.control !== undefined) {
    refuse(at(place, "control"), refuseSocketPath(listen.control), context);
  }
}
