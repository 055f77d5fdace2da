import type { AddressBook } from "../address/address-book.js";
import type { JsonDocument } from "../json/document.js";
import type { GatewayFile } from "../schema/gateway.js";
import { gatewayValidator } from "../schema/validators.js";
import { checkFit } from "./fit.js";
import { checkGateway } from "./gateway.js";
import { type Ledger, newLedger, type TenantScope } from "./ledger.js";
import { at, rootOf } from "./place.js";
import { checkPorts, type PortSet } from "./ports.js";
import type { Problems } from "./problems.js";
import { checkShape } from "./shape.js";
import { checkTenant } from "./tenants.js";
import { checkTunnelFileShape } from "./tunnel-file-shape.js";

/** Checks shape and meaning of all documents; everything wrong goes into `problems`. */
export function checkDocuments(
  gateway: JsonDocument,
  tunnelFiles: readonly JsonDocument[],
  problems: Problems,
  addresses: AddressBook,
): Ledger {
  const context = { problems, addresses };
  const ports = checkGatewayDocument(gateway, context);
  const scope: TenantScope = { ...context, ports, ledger: newLedger() };
  for (const document of tunnelFiles) {
    for (const { place, draft } of checkTunnelFileShape(document, problems)) {
      checkTenant(place, draft, scope);
    }
  }
  scope.ledger.packets.report(problems);
  checkFit(ports, scope.ledger, context);
  return scope.ledger;
}

function checkGatewayDocument(
  document: JsonDocument,
  context: { readonly problems: Problems; readonly addresses: AddressBook },
): PortSet {
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
