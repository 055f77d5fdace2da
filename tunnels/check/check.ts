import type { JsonDocument } from "../json/document.js";
import type { GatewayFile } from "../schema/gateway.js";
import type { Tenant } from "../schema/tenant.js";
import { gatewayValidator } from "../schema/validators.js";
import type { CheckContext } from "./context.js";
import type { Draft } from "./draft.js";
import { checkFit } from "./fit.js";
import { checkGateway } from "./gateway.js";
import type { TenantScope } from "./ledger.js";
import { at, rootOf } from "./place.js";
import { checkPorts, type PortSet } from "./ports.js";
import { checkShape } from "./shape.js";
import { checkTenant } from "./tenants.js";
import { checkTunnelFileShape } from "./tunnel-file-shape.js";

/**
 * Checks the shape and the meaning of a tunnel file, with what those before it have claimed.
 * \returns its tenants, as far as they could be read.
 */
export function checkTunnelDocument(document: JsonDocument, scope: TenantScope): Draft<Tenant>[] {
  return checkTunnelFileShape(document, scope.problems).map(({ place, draft }) => {
    checkTenant(place, draft, scope);
    return draft;
  });
}

/** Checks what all files say together, once each was checked. */
export function checkTogether(scope: TenantScope): void {
  const { ledger, ports, problems } = scope;
  ledger.packets.report(problems);
  checkFit(ports, ledger, scope);
}

/** Checks the gateway file; gives its ports for the tunnel files. */
export function checkGatewayDocument(document: JsonDocument, context: CheckContext): PortSet {
  const { value } = document;
  const root = rootOf(document);
  const draft =
    value === undefined
      ? undefined
      : checkShape<GatewayFile>(root, value, gatewayValidator(), context.problems);
  if (draft !== undefined) {
    return checkGateway(document, draft, context);
  }
  return checkPorts(at(root, "ports"), undefined, context);
}
