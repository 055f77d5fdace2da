import type { CompiledTable } from "../compiled.js";
import type { HeaderBytes } from "../header-bytes.js";
import { memberPorts } from "../static-routes.js";
import type { Ledger } from "./ledger.js";
import type { Problems } from "./problems.js";

/**
 * Refuses tunnels whose own MTU is larger than what fits the port that they leave by or, where only
 * the kernel's routes know it, any port. Ports whose MTU is not known are not judged.
 * @param headers of each member
 * @param mtus IP MTU of each port where it is known
 */
export function checkTunnelMtus(
  table: CompiledTable,
  headers: readonly (HeaderBytes | undefined)[],
  mtus: readonly (number | undefined)[],
  ledger: Ledger,
  problems: Problems,
): void {
  if (ledger.ownMtus.size === 0) {
    return;
  }
  const portOf = memberPorts(table);
  table.members.forEach((member, index) => {
    const place = ledger.ownMtus.get(`${table.tenants[member.tenant]?.name}/${member.name}`);
    if (member.kind !== "tunnel" || member.mtu === undefined || place === undefined) {
      return;
    }
    const port = portOf(index);
    const limit = largestKnown(port === undefined ? mtus : [mtus[port]]);
    const overhead = headers[index]?.sent ?? 0;
    if (limit !== undefined && member.mtu + overhead > limit) {
      const way = port === undefined ? "the largest port" : `port "${table.ports[port]?.name}"`;
      problems.error(place, "ADIT-1322", {
        message: `MTU ${member.mtu} and headers of ${overhead} bytes do not fit the ${limit} of ${way}`,
        fix: fixOf(limit - overhead, member.mtu + overhead),
      });
    }
  });
}

/** Undefined if one of them is not known. */
function largestKnown(mtus: readonly (number | undefined)[]): number | undefined {
  const known = mtus.filter((mtu) => mtu !== undefined);
  return known.length === mtus.length && known.length > 0 ? Math.max(...known) : undefined;
}

/** Smallest value of the key. */
const LEAST_MTU = 576;

function fixOf(fits: number, needed: number): string {
  const raise = `raise that MTU to ${needed}`;
  return fits < LEAST_MTU ? raise : `write at most ${fits}, or ${raise}`;
}
