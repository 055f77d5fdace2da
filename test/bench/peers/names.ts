/** Peers and figures as results name them; goals find them by these names. */
export const names = {
  adit: "Adit",
  noop: "Adit, no header work",
  openVswitch: "Open vSwitch AF_XDP",
  testpmd: "DPDK testpmd io",
  forwarder: "shared-UMEM forwarder",
  routed: "kernel vxlan routed",
  routedRps: "kernel vxlan routed, RPS",
  bridged: "kernel bridge + vxlan",
  bridgedRps: "kernel bridge + vxlan, RPS",
  ownPush: "in memory: Adit push, TSC cycles",
  dpdkPush: "in memory: OVS-DPDK push, TSC cycles",
  ownPop: "in memory: Adit pop, TSC cycles",
  dpdkPop: "in memory: OVS-DPDK pop, TSC cycles",
  idle: "at rest: Adit, share of a processor",
  directP50: "latency: no gateway, p50 ns",
  addedAdit: "latency: Adit, p99 added, ns",
  addedKernel: "latency: kernel bridge + vxlan, p99 added, ns",
} as const;

/** The median, beside the p99 above that goals are about. */
export function latencyName(peer: string, what: "p50" | "p99 added"): string {
  return `latency: ${peer}, ${what}, ns`;
}
