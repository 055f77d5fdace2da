import type { Accounting, Counters } from "../lab/accounting.js";
import type { TunnelRow } from "../lab/gateway.js";
import type { Measurement } from "./measure.js";
import { formatTable } from "./table.js";

const heads = [
  "tenant",
  "on the access port",
  "tunnel",
  "peer",
  "pings",
  "rtt ms",
  "TCP out Mbit/s",
  "TCP back Mbit/s",
  "frames out",
  "frames back",
  "answered by",
] as const;

/** The demo's result: what crossed which tunnel, and who answered. */
export function formatSummary(
  measurements: readonly Measurement[],
  tunnels: readonly TunnelRow[],
): string {
  const rows = measurements.map((measurement) => {
    const { tenant, pings, megabitsToPeer, megabitsFromPeer, answeredBy } = measurement;
    const { name, vlan } = tenant.plan;
    const row = tunnels.find((tunnel) => tunnel.tenant === name);
    return [
      name,
      vlan === undefined ? "untagged" : `VLAN ${vlan}`,
      tunnelTitle(measurement),
      tenant.peer.kind,
      `${pings.received}/${pings.sent}`,
      pings.rttMs?.toFixed(2) ?? "-",
      Math.round(megabitsToPeer),
      Math.round(megabitsFromPeer),
      row?.txPackets ?? 0,
      row?.rxPackets ?? 0,
      answeredBy,
    ];
  });
  return formatTable(heads, rows);
}

function tunnelTitle({ tenant: { plan } }: Measurement): string {
  const { tunnel } = plan;
  if (tunnel.type !== "gre") return `${tunnel.type} vni ${tunnel.vni}`;
  return tunnel.key === undefined ? "gre" : `gre key ${tunnel.key}`;
}

export function formatDrops({ dropped }: Counters, sum: Accounting): string {
  const reasons = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
  return [
    `drops:      ${reasons.length === 0 ? "none" : reasons.join(", ")}`,
    `accounting: ${sum.sentence}`,
  ].join("\n");
}
