import type { Refusal } from "../address/address.js";
import { type Address, isRefusal, notOneHost } from "../address/address.js";
import type { AddressBook } from "../address/address-book.js";
import type { Prefix } from "../address/prefix.js";
import { formatAddress } from "../address/prefix.js";
import type { Place } from "./place.js";
import type { Problems } from "./problems.js";

/** What every check is given. */
export interface CheckContext {
  readonly problems: Problems;
  readonly addresses: AddressBook;
}

/** Reports a refusal at its place. */
export function refuse(place: Place, refusal: Refusal | undefined, context: CheckContext): void {
  if (refusal !== undefined) {
    context.problems.error(place, refusal.code, refusal);
  }
}

/** Parses an address that must be one host's; reports it and gives undefined if it is not. */
export function checkHost(place: Place, text: string, context: CheckContext): Address | undefined {
  const address = context.addresses.parse(text);
  if (isRefusal(address)) {
    refuse(place, address, context);
    return undefined;
  }
  return refuseNotOneHost(place, address, context) ? undefined : address;
}

/** Reports multicast, unspecified and broadcast addresses. */
export function refuseNotOneHost(place: Place, address: Address, context: CheckContext): boolean {
  const kind = notOneHost(address);
  if (kind === undefined) {
    return false;
  }
  const message = `"${formatAddress(address.bytes)}" is ${kind}`;
  const fix = "write the address of one host";
  context.problems.error(place, "ADIT-1210", { message, fix });
  return true;
}

/** Parses a prefix with the given parser; reports it and gives undefined if it is none. */
export function checkPrefix(
  place: Place,
  text: string,
  parse: (text: string) => Prefix | Refusal,
  context: CheckContext,
): Prefix | undefined {
  const prefix = parse(text);
  if (isRefusal(prefix)) {
    refuse(place, prefix, context);
    return undefined;
  }
  return prefix;
}
