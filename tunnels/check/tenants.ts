import { parsePrefix } from "../address/prefix.js";
import type { Tenant } from "../schema/tenant.js";
import { checkAttachment } from "./attachments.js";
import { checkPrefix } from "./context.js";
import { checkCrossConnects } from "./cross-connects.js";
import type { Draft } from "./draft.js";
import { checkLater, laterRules, onlyEmpty } from "./later-rule.js";
import type { TenantScope } from "./ledger.js";
import { type Members, newMembers } from "./members.js";
import { at, type Place } from "./place.js";
import { checkTunnel } from "./tunnels.js";

const OUT = "leave it out";

const LATER_KEYS = laterRules([
  onlyEmpty("bridges", "join members by crossConnects"),
  onlyEmpty("routers", "join members by crossConnects"),
  onlyEmpty("block", "block outer sources in the gateway file"),
  { key: "allowSources", isLater: () => true, instead: OUT },
  { key: "rate", isLater: () => true, instead: OUT },
  { key: "macLimit", isLater: () => true, instead: OUT },
]);

/** Checks the meaning of one tenant, with what earlier tenants have claimed. */
export function checkTenant(place: Place, draft: Draft<Tenant>, scope: TenantScope): void {
  claimTenant(place, draft.tenant, scope);
  checkLater(place, draft, LATER_KEYS, scope.problems);
  for (const key of ["block", "allowSources"] as const) {
    draft[key]?.forEach((text, index) => {
      if (text !== undefined) {
        checkPrefix(at(place, key, index), text, parsePrefix, scope);
      }
    });
  }
  const members = checkMembers(place, draft, scope);
  checkCrossConnects(place, draft, members, scope);
}

function claimTenant(place: Place, name: string | undefined, { ledger, problems }: TenantScope) {
  if (name === undefined) {
    return;
  }
  const own = at(place, "tenant");
  const other = ledger.tenants.get(name);
  if (other === undefined) {
    ledger.tenants.set(name, own);
    return;
  }
  const message = `the tenant "${name}" is already defined`;
  const fix = "write another name, or move its members there";
  problems.error(own, "ADIT-1303", { message, other, fix });
}

function checkMembers(place: Place, draft: Draft<Tenant>, scope: TenantScope): Members {
  const tenant = draft.tenant ?? "?";
  const members = newMembers(draft);
  const attachments = at(place, "attachments");
  draft.attachments?.forEach((attachment, index) => {
    if (attachment !== undefined) {
      const own = at(attachments, index);
      members.add({ kind: "attachment", draft: attachment }, own, scope.problems);
      const member = attachment.name ?? index;
      checkAttachment({ tenant, member, place: own }, attachment, scope);
    }
  });
  const tunnels = at(place, "tunnels");
  draft.tunnels?.forEach((tunnel, index) => {
    if (tunnel !== undefined) {
      const own = at(tunnels, index);
      const claimant = { tenant, member: tunnel.name ?? index, place: own };
      const facts = checkTunnel(claimant, tunnel, scope);
      members.add({ kind: "tunnel", ...facts }, own, scope.problems);
    }
  });
  return members;
}
