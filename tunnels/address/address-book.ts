import { type Address, parseAddress, type Refusal } from "./address.js";

/** Parses every distinct text once: parsing costs microseconds, and endpoints repeat. */
export class AddressBook {
  private readonly parsed = new Map<string, Address | Refusal>();

  parse(text: string): Address | Refusal {
    let result = this.parsed.get(text);
    if (result === undefined) {
      result = parseAddress(text);
      this.parsed.set(text, result);
    }
    return result;
  }
}
