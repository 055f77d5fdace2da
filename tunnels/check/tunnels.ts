import type { Address } from "../address/address.js";
import { getTunnelType, type Tunnel } from "../types/registry.js";
import type { Payload, TunnelType } from "../types/tunnel-type.js";
import { type Claimant, labelOf } from "./claimant.js";
import { checkHost } from "./context.js";
import type { Draft } from "./draft.js";
import { checkLater, laterRules, onlyPlain } from "./later-rule.js";
import type { TenantScope } from "./ledger.js";
import { at, type Place } from "./place.js";
import { checkSources } from "./sources.js";

const LATER_KEYS = laterRules([onlyPlain("remote", [], 'write the address of one peer, or "any"')]);

/** A tunnel as far as it could be read. */
export interface TunnelFacts {
  readonly draft: Draft<Tunnel>;
  readonly type: TunnelType<Tunnel> | undefined;
  readonly local: Address | undefined;
  readonly payload: Payload | undefined;
}

/** Checks a tunnel by itself, and notes which packets are its own. */
export function checkTunnel(
  claimant: Claimant,
  draft: Draft<Tunnel>,
  scope: TenantScope,
): TunnelFacts {
  const { place } = claimant;
  scope.ledger.tunnelCount++;
  if (draft.mtu !== undefined) {
    scope.ledger.ownMtus.set(labelOf(claimant), at(place, "mtu"));
  }
  checkLater(place, draft, LATER_KEYS, scope.problems);
  const local = checkEndpoint(at(place, "local"), draft.local, scope);
  const remoteText = draft.remote === "any" ? undefined : draft.remote;
  const remote =
    typeof remoteText === "string"
      ? checkEndpoint(at(place, "remote"), remoteText, scope)
      : undefined;
  const fits =
    local === undefined || remote === undefined || endpointsFit(place, local, remote, scope);
  const sources = checkSources(place, draft, local, remote, scope);
  const type = draft.type === undefined ? undefined : getTunnelType(draft.type);
  if (type === undefined) {
    return { draft, type, local, payload: undefined };
  }
  checkOwnKeys(place, draft, type, scope);
  // A value that broke the schema says nothing about packets: only whole tunnels are compared.
  const isWhole = fits && Object.values(draft).every((value) => value !== undefined);
  if (isWhole && local !== undefined && sources !== undefined) {
    const { tenant, member } = claimant;
    scope.ledger.packets.add({ tenant, member, place, draft, type, local, sources });
  }
  return { draft, type, local, payload: type.payload(draft) };
}

function checkEndpoint(
  place: Place,
  text: string | undefined,
  scope: TenantScope,
): Address | undefined {
  const address = text === undefined ? undefined : checkHost(place, text, scope);
  if (address !== undefined && scope.ports.broadcasts.has(address.key)) {
    const message = `"${text}" is the broadcast address of a port's network`;
    const fix = "write the address of one host";
    scope.problems.error(place, "ADIT-1210", { message, fix });
    return undefined;
  }
  return address;
}

function checkOwnKeys(
  place: Place,
  draft: Draft<Tunnel>,
  type: TunnelType<Tunnel>,
  { problems }: TenantScope,
): void {
  if (type.later !== undefined) {
    checkLater(place, draft, type.later, problems);
  }
  for (const { path, code, message, fix } of type.check(draft)) {
    problems.error(at(place, ...path), code, { message, fix });
  }
}

function endpointsFit(
  place: Place,
  local: Address,
  remote: Address,
  { problems }: TenantScope,
): boolean {
  const where = at(place, "remote");
  if (local.family !== remote.family) {
    const message = `the remote address is IPv${remote.family}, the local one IPv${local.family}`;
    problems.error(where, "ADIT-1304", { message, fix: "write both of one family" });
    return false;
  }
  if (local.key === remote.key) {
    const message = "the remote address is the local one";
    problems.error(where, "ADIT-1305", { message, fix: "write the address of the peer" });
    return false;
  }
  return true;
}
