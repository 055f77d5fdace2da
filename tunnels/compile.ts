import type { AddressBook } from "./address/address-book.js";
import { macBytes } from "./address/mac.js";
import { compilePrefix, parseInterfaceAddress, parsePrefix } from "./address/prefix.js";
import { DEFAULT_RING_SIZE } from "./check/headroom.js";
import { checkedAddress, checkedLookup, checkedPrefix } from "./checked.js";
import { compileTenants } from "./compile-tenants.js";
import type { CompiledPort, CompiledTable } from "./compiled.js";
import type { GatewayFile, Port } from "./schema/gateway.js";
import type { Tenant } from "./schema/tenant.js";

/**
 * Builds the table of documents that have been checked: names become indexes, addresses bytes,
 * and defaults are filled in. Tenants keep their order, each with its attachments, then tunnels.
 */
export function compile(
  gateway: GatewayFile,
  tenants: readonly Tenant[],
  addresses: AddressBook,
): CompiledTable {
  const ports = gateway.ports ?? [];
  const portIndexes = new Map(ports.map(({ name }, index) => [name, index]));
  const portIndex = (name: string) => checkedLookup(portIndexes.get(name), name);
  const attached = new Set<string>();
  for (const { attachments = [] } of tenants) {
    for (const { port } of attachments) {
      attached.add(port);
    }
  }
  return {
    ports: ports.map((port) => compilePort(port, attached.has(port.name))),
    ...compileTenants(tenants, portIndex, addresses),
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
