import { type Address, isRefusal, type Refusal } from "./address/address.js";
import type { Prefix } from "./address/prefix.js";

/** The address of a text that has been checked. */
export function checkedAddress(address: Address | Refusal): Address {
  if (isRefusal(address)) {
    throw new Error(`unchecked address: ${address.message}`);
  }
  return address;
}

/** The prefix of a text that has been checked. */
export function checkedPrefix(prefix: Prefix | Refusal): Prefix {
  if (isRefusal(prefix)) {
    throw new Error(`unchecked prefix: ${prefix.message}`);
  }
  return prefix;
}

/** A lookup that checking has made sure of. */
export function checkedLookup<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    throw new Error(`unchecked reference to ${name}`);
  }
  return value;
}
