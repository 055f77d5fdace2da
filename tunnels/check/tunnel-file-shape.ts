import type { ValidateFunction } from "ajv";
import type { JsonDocument } from "../json/document.js";
import type { Tenant } from "../schema/tenant.js";
import {
  entryValidators,
  LONG_LISTS,
  tenantFileValidator,
  tenantsValidator,
  tenantValidator,
  typelessTunnelValidator,
} from "../schema/validators.js";
import type { Draft } from "./draft.js";
import { at, type Place, rootOf } from "./place.js";
import type { Problems } from "./problems.js";
import { checkEntries, checkShape, dropWrong } from "./shape.js";

/** A tenant, and where its file has it. */
export interface TenantDraft {
  readonly place: Place;
  readonly draft: Draft<Tenant>;
}

/**
 * Checks the shape of a tunnel file piece by piece, so that no file makes more errors than are
 * kept. Gives its tenants: the document itself, or those under `tenants`.
 */
export function checkTunnelFileShape(document: JsonDocument, problems: Problems): TenantDraft[] {
  const root = rootOf(document);
  const { value } = document;
  if (value === undefined) {
    return [];
  }
  if (typeof value !== "object" || value === null || !("tenants" in value)) {
    const draft = checkTenantShape(root, value, tenantFileValidator(), problems);
    return draft === undefined ? [] : [{ place: root, draft }];
  }
  checkShape(root, value, tenantsValidator(), problems, ["tenants"]);
  const list = at(root, "tenants");
  const drafts: TenantDraft[] = [];
  const check = (place: Place, entry: unknown) => {
    const draft = checkTenantShape(place, entry, tenantValidator(), problems);
    if (draft !== undefined) {
      drafts.push({ place, draft });
    }
    return draft;
  };
  checkEntries(list, value.tenants, check, problems);
  return drafts;
}

function checkTenantShape(
  place: Place,
  value: unknown,
  validate: ValidateFunction,
  problems: Problems,
): Draft<Tenant> | undefined {
  const draft = checkShape<Tenant>(place, value, validate, problems, LONG_LISTS);
  for (const key of LONG_LISTS) {
    const validateEntry = entryValidators[key]();
    const check = (where: Place, entry: unknown) => {
      const checked = checkShape(where, entry, validateEntry, problems);
      if (key === "tunnels" && isOfNoType(checked)) {
        dropWrong(checked, typelessTunnelValidator());
      }
      return checked;
    };
    checkEntries(at(place, key), draft?.[key], check, problems);
  }
  return draft;
}

/** Whether a tunnel's type is wrong: no schema has then looked at its other keys. */
function isOfNoType(draft: unknown): boolean {
  return typeof draft === "object" && draft !== null && "type" in draft && draft.type === undefined;
}
