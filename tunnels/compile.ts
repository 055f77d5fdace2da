import type { AddressBook } from "./address/address-book.js";
import { macBytes } from "./address/mac.js";
import { compilePrefix, parseInterfaceAddress, parsePrefix } from "./address/prefix.js";
import { DEFAULT_RING_SIZE } from "./check/headroom.js";
import { checkedAddress, checkedLookup, checkedPrefix } from "./checked.js";
import type { TenantCompiler } from "./compile-tenants.js";
import type { CompiledPort, CompiledTable } from "./compiled.js";
import type { GatewayFile, Port } from "./schema/gateway.js";

/** The place of a port of the gateway file, by its name. */
export function portIndexes({ ports = [] }: GatewayFile): (name: string) => number {
  const indexes = new Map(ports.map(({ name }, index) => [name, index]));
  return (name) => checkedLookup(indexes.get(name), name);
}

/**
 * Builds the table of documents that have been checked: names become indexes, addresses bytes,
 * and defaults are filled in.
 * @param attached names of the ports that have attachments
 */
export function compile(
  gateway: GatewayFile,
  { tenants, members, hops }: TenantCompiler,
  attached: ReadonlySet<string>,
  addresses: AddressBook,
): CompiledTable {
  const portIndex = portIndexes(gateway);
  return {
    ports: (gateway.ports ?? []).map((port) => compilePort(port, attached.has(port.name))),
    tenants,
    members,
    nextHops: hops.list,
    neighbors: (gateway.neighbors ?? []).map(({ address, mac, port }) => ({
      address: checkedAddress(addresses.parse(address)).bytes,
      mac: macBytes(mac),
      port: portIndex(port),
    })),
    routes: (gateway.routes ?? []).map(({ prefix, via, port }) => ({
      prefix: compilePrefix(checkedPrefix(parsePrefix(prefix))),
      ...(via === undefined ? {} : { via: checkedAddress(addresses.parse(via)).bytes }),
      port: portIndex(port),
    })),
    block: (gateway.block ?? []).map((text) => compilePrefix(checkedPrefix(parsePrefix(text)))),
    workers: gateway.workers ?? "auto",
  };
}

function compilePort(port: Port, isAttached: boolean): CompiledPort {
  const ringSize = port.ringSize ?? DEFAULT_RING_SIZE;
  return {
    name: port.name,
    ...(port.interface === undefined ? {} : { interface: port.interface }),
    ...(port.mac === undefined ? {} : { mac: macBytes(port.mac) }),
    ...(port.mtu === undefined ? {} : { mtu: port.mtu }),
    addresses: (port.addresses ?? []).map((text) =>
      compilePrefix(checkedPrefix(parseInterfaceAddress(text))),
    ),
    takesTunnels: port.tunnels ?? !isAttached,
    ...(port.vlan === undefined ? {} : { tunnelVlan: port.vlan }),
    headroom: port.headroom ?? 0,
    reservedHeadroom: port.reservedHeadroom ?? 0,
    ...(port.frameSize === undefined ? {} : { frameSize: port.frameSize }),
    frames: port.frames ?? 4 * ringSize,
    ringSize,
    queues: port.queues ?? "all",
    xdpMode: port.xdpMode ?? "auto",
    zeroCopy: port.zeroCopy ?? "auto",
    busyPoll: port.busyPoll ?? false,
  };
}
