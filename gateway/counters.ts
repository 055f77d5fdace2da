import type { Drops, MemberTotals, Totals } from "../native/index.js";
import type { CompiledTable } from "../tunnels/index.js";

/** `counters.json` of `replay`, and what `show drops -j` prints. */
export interface CounterDocument {
  readonly received: Record<string, number>;
  readonly sent: Record<string, number>;
  readonly kernel: Record<string, number>;
  readonly generated: number;
  readonly consumed: number;
  readonly dropped: Drops;
  readonly tenants: Record<string, TenantCounters>;
}

export interface TenantCounters {
  readonly members: Record<string, MemberTotals>;
  readonly dropped: Drops;
}

/** Puts names to the data path's counts. */
export function counterDocument(table: CompiledTable, totals: Totals): CounterDocument {
  return {
    received: byPort(table, totals, "received"),
    sent: byPort(table, totals, "sent"),
    kernel: byPort(table, totals, "kernel"),
    generated: totals.generated,
    consumed: totals.consumed,
    dropped: totals.drops,
    tenants: tenantCounters(table, totals),
  };
}

function byPort(
  table: CompiledTable,
  totals: Totals,
  key: "received" | "sent" | "kernel",
): Record<string, number> {
  return Object.fromEntries(
    table.ports.map((port, index) => [port.name, totals.ports[index]?.[key] ?? 0]),
  );
}

function tenantCounters(table: CompiledTable, totals: Totals): Record<string, TenantCounters> {
  const members = table.tenants.map((): [string, MemberTotals][] => []);
  table.members.forEach((member, index) => {
    const counts = totals.members[index];
    if (counts !== undefined) members[member.tenant]?.push([member.name, counts]);
  });
  return Object.fromEntries(
    table.tenants.map(({ name }, index) => [
      name,
      {
        members: Object.fromEntries(members[index] ?? []),
        dropped: totals.tenantDrops[index] ?? {},
      },
    ]),
  );
}
