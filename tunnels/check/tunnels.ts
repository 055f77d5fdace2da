import type { Address } from "../address/address.js";
import {
  findTunnelType,
  insteadOfLaterType,
  type SupportedTunnel,
  type Tunnel,
} from "../types/registry.js";
import type { TunnelType } from "../types/tunnel-type.js";
import { checkHost } from "./context.js";
import type { Draft } from "./draft.js";
import { checkLater, laterRules, notValues, onlyPlain, onlyValues } from "./later-rule.js";
import type { TenantScope } from "./ledger.js";
import { at, type Place } from "./place.js";

const OUT = "leave it out";

const LATER_KEYS = laterRules([
  onlyPlain("remote", ["any"], "write the address of one peer"),
  { key: "acceptFrom", isLater: isWiderThanRemote, instead: `${OUT}: the remote alone may send` },
  onlyPlain("ttl", ["inherit"], "write a number 1-255"),
  onlyPlain("dscp", ["inherit"], "write a number 0-63"),
  onlyValues("dscpDecap", [false], `${OUT}: the inner DSCP is untouched`),
  onlyValues("ecn", ["rfc6040"], 'write "rfc6040" or leave it out'),
  notValues("df", ["inherit"], 'write "set" or "clear"'),
  onlyValues("flowLabel", ["hash"], 'write "hash" or leave it out'),
  { key: "mtu", isLater: () => true, instead: `${OUT}: it is worked out` },
  onlyValues("innerTags", ["auto"], 'write "auto" or leave it out'),
  onlyValues("mssClamp", [false], "write false or leave it out"),
  notValues("oversize", ["fragment-inner"], 'write "icmp" or "drop"'),
]);

/** The default of `acceptFrom` is the remote alone. */
function isWiderThanRemote(value: unknown, owner: object): boolean {
  const remote = "remote" in owner && typeof owner.remote === "string" ? owner.remote : "";
  const byDefault = `${remote}/${remote.includes(":") ? 128 : 32}`;
  return !Array.isArray(value) || value.length !== 1 || value[0] !== byDefault;
}

/** A tunnel as far as it could be read. */
export interface TunnelFacts {
  readonly draft: Draft<Tunnel>;
  /** Undefined for a type that comes later. */
  readonly type: TunnelType<SupportedTunnel> | undefined;
  readonly local: Address | undefined;
}

/** Checks a tunnel by itself, and that its packets are not another's. */
export function checkTunnel(
  place: Place,
  draft: Draft<Tunnel>,
  label: string,
  scope: TenantScope,
): TunnelFacts {
  scope.ledger.tunnelCount++;
  checkLater(place, draft, LATER_KEYS, scope.problems);
  const local = checkEndpoint(at(place, "local"), draft.local, scope);
  const remoteText = typeof draft.remote === "string" ? draft.remote : undefined;
  const isOne = remoteText !== "any";
  const remote = isOne ? checkEndpoint(at(place, "remote"), remoteText, scope) : undefined;
  const type = draft.type === undefined ? undefined : findTunnelType(draft.type);
  if (type === undefined) {
    refuseLaterType(at(place, "type"), draft.type, scope);
  } else {
    checkOwnKeys(place, draft as Draft<SupportedTunnel>, type, local ?? remote, scope);
  }
  if (local !== undefined && remote !== undefined && endpointsFit(place, local, remote, scope)) {
    claimPackets(place, draft as Draft<SupportedTunnel>, type, [local, remote], label, scope);
  }
  return { draft, type, local };
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

function refuseLaterType(place: Place, name: string | undefined, { problems }: TenantScope): void {
  const fix = name === undefined ? undefined : insteadOfLaterType(name);
  if (fix !== undefined) {
    const message = `a tunnel of type "${name}" is not supported by this version yet`;
    problems.error(place, "ADIT-1401", { message, fix });
  }
}

function checkOwnKeys(
  place: Place,
  draft: Draft<SupportedTunnel>,
  type: TunnelType<SupportedTunnel>,
  endpoint: Address | undefined,
  { problems }: TenantScope,
): void {
  checkLater(place, draft, type.later, problems);
  for (const { path, code, message, fix } of type.check(draft, endpoint?.family)) {
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

/** A value that broke the schema says nothing about packets: only whole tunnels are compared. */
function claimPackets(
  place: Place,
  draft: Draft<SupportedTunnel>,
  type: TunnelType<SupportedTunnel> | undefined,
  [local, remote]: readonly [Address, Address],
  label: string,
  { ledger, problems }: TenantScope,
): void {
  const isWhole = Object.values(draft).every((value) => value !== undefined);
  const identity = isWhole ? type?.identity(draft) : undefined;
  if (type === undefined || identity === undefined) {
    return;
  }
  const key = `${type.type} ${local.key} ${remote.key} ${identity}`;
  const first = ledger.tunnels.get(key);
  if (first === undefined) {
    ledger.tunnels.set(key, { label, place });
    return;
  }
  const message = `a packet could also belong to ${first.label}: same type, local, remote, ${identity}`;
  const fix = "write another remote or identifier";
  problems.error(place, "ADIT-1306", { message, other: first.place, fix });
}
