import { type Address, isRefusal, type Refusal } from "./address/address.js";

/** The address of a text that has been checked. */
export function checkedAddress(address: Address | Refusal): Address {
  if (isRefusal(address)) {
    throw new Error(`unchecked address: ${address.message}`);
  }
  return address;
}

/** A lookup that checking has made sure of. */
export function checkedLookup<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    throw new Error(`unchecked reference to ${name}`);
  }
  return value;
}
