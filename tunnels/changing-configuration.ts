import { AddressBook } from "./address/address-book.js";
import { checkTogether, checkTunnelDocument } from "./check/check.js";
import { Problems } from "./check/problems.js";
import { checkTunnelMtus } from "./check/tunnel-mtus.js";
import { portIndexes } from "./compile.js";
import { TenantCompiler } from "./compile-tenants.js";
import type { CompiledMember, CompiledTable } from "./compiled.js";
import type { HeaderBytes } from "./header-bytes.js";
import { type JsonDocument, readJsonDocument } from "./json/document.js";
import { finishLoading, type LoadOptions, type LoadResult } from "./load.js";
import type { Problem } from "./problem.js";
import { Reading } from "./reading.js";
import { moveNextHop, type Replaced, replaceRange } from "./replace-members.js";
import type { GatewayFile } from "./schema/gateway.js";
import type { Tenant } from "./schema/tenant.js";
import { knownMtus } from "./summary.js";

/** What a change made of the table that was before. */
export interface ChangedTable {
  readonly table: CompiledTable;
  /** Those of the file alone; what the whole table gives cause for is told by a load. */
  readonly warnings: readonly Problem[];
}

/** The table that is, and what the next change is checked against. */
interface State {
  readonly reading: Reading;
  readonly table: CompiledTable;
  readonly headers: readonly (HeaderBytes | undefined)[];
}

/**
 * A configuration that follows its tunnel files: of one that changed only its own tenants are read,
 * checked and compiled again. What all files claim is kept beside the table, so it takes memory
 * that a configuration loaded once does not.
 */
export class ChangingConfiguration {
  /** As the files were at first. */
  readonly loaded: LoadResult;
  private readonly options: LoadOptions;
  /** Undefined while a change is taken in, and from then on if it could not be. */
  private state: State | undefined;

  constructor(gatewayFile: string, options: LoadOptions = {}) {
    const reading = new Reading(readJsonDocument(gatewayFile), options.onStage);
    const compiled = reading.readAll();
    this.options = options;
    this.loaded = finishLoading(reading, compiled, options);
    if (this.loaded.ok && compiled !== undefined) {
      this.state = { reading, table: this.loaded.table, headers: compiled.headers };
    }
  }

  /**
   * Takes in that a tunnel file has changed. Tables given before stay as they are.
   * \returns undefined where there is an error, or more changes than the file's own tenants: all is
   * to be loaded again then, which tells every error in its order.
   */
  change(file: string): ChangedTable | undefined {
    const { state } = this;
    this.state = undefined;
    const part = state?.reading.parts.get(file);
    if (state === undefined || part === undefined) {
      return undefined;
    }
    const problems = new Problems();
    const document = readJsonDocument(file);
    const replaced = rangeOf(state.table, part.tenant, part.tenants);
    const wereAttached = attachedPorts(state);
    release(state, part.document, replaced);
    const compiled = checkAndCompile(document, problems, state, replaced);
    if (compiled === undefined || attachedPorts(state) !== wereAttached) {
      return undefined;
    }
    const next = replace(state, compiled, replaced);
    this.checkMtus(next, compiled.members, problems);
    if (problems.hasErrors) {
      return undefined;
    }
    state.reading.parts.set(file, { ...part, document });
    this.state = next;
    return { table: next.table, warnings: problems.listWarnings([document]).list };
  }

  private checkMtus(
    { table, headers, reading }: State,
    changed: readonly CompiledMember[],
    problems: Problems,
  ): void {
    if (changed.some(({ kind, mtu }) => kind === "tunnel" && mtu !== undefined)) {
      const mtus = knownMtus(table, this.options.interfaces ?? new Map());
      checkTunnelMtus(table, headers, mtus, reading.ledger, problems);
    }
  }
}

/** Ports that have attachments, as words: tunnels are not taken there by default. */
function attachedPorts({ table, reading }: State): string {
  const { attachments } = reading.ledger;
  return table.ports.map(({ name }) => attachments.hasAny(name)).join();
}

/** The members of some tenants, which stand one behind the other. */
function rangeOf({ members }: CompiledTable, tenant: number, tenants: number): Replaced {
  const startOf = (wanted: number) => {
    let [low, high] = [0, members.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((members[middle]?.tenant ?? 0) < wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
  return { tenant, tenants, start: startOf(tenant), end: startOf(tenant + tenants) };
}

/** Gives up what the tenants claimed. */
function release({ table, reading }: State, document: JsonDocument, replaced: Replaced): void {
  const { ledger, hops } = reading;
  const { tenant, tenants, start, end } = replaced;
  for (const { name } of table.tenants.slice(tenant, tenant + tenants)) {
    ledger.tenants.delete(name);
  }
  ledger.packets.release(document);
  for (const member of table.members.slice(start, end)) {
    if (member.kind === "attachment") {
      ledger.attachments.release(table.ports[member.port]?.name ?? "", member.tags);
    } else {
      ledger.tunnelCount--;
      ledger.ownMtus.delete(`${table.tenants[member.tenant]?.name}/${member.name}`);
      hops.release(member.nextHop);
    }
  }
}

/** Undefined where the file has errors, or another number of tenants. */
function checkAndCompile(
  document: JsonDocument,
  problems: Problems,
  { reading }: State,
  { tenant, tenants }: Replaced,
): TenantCompiler | undefined {
  // Addresses of a file that changes often would add up in the one of all files.
  const addresses = new AddressBook();
  const scope = { ...reading.scope, addresses, problems };
  const drafts = checkTunnelDocument(document, scope);
  checkTogether(scope);
  if (document.problems.length > 0 || problems.hasErrors || drafts.length !== tenants) {
    return undefined;
  }
  const portIndex = portIndexes(reading.gateway.value as GatewayFile);
  const compiler = new TenantCompiler(portIndex, addresses, reading.hops, tenant);
  for (const draft of drafts) {
    // Without an error nothing was taken out of it.
    compiler.add(draft as Tenant);
  }
  document.value = undefined;
  return compiler;
}

function replace(
  { table, headers, reading }: State,
  compiled: TenantCompiler,
  at: Replaced,
): State {
  const moved = reading.hops.compact();
  const members = replaceRange(table.members, at.start, at.end, compiled.members);
  const tenants = replaceRange(table.tenants, at.tenant, at.tenant + at.tenants, compiled.tenants);
  return {
    reading,
    headers: replaceRange(headers, at.start, at.end, compiled.headers),
    table: {
      ...table,
      tenants,
      members: moved === undefined ? members : members.map(moveNextHop(moved)),
      nextHops: reading.hops.list,
    },
  };
}
