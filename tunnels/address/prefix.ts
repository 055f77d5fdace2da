import { collapseIPv6Number, IPv6 } from "ip-num";
import type { CompiledPrefix } from "../compiled.js";
import { quote } from "../text/printable.js";
import { type Address, isRefusal, parseAddress, type Refusal } from "./address.js";

export interface Prefix {
  readonly address: Address;
  /** Bits. */
  readonly length: number;
}

/** Parses `address/length`; the address may have host bits set, as an interface's has. */
export function parseInterfaceAddress(text: string): Prefix | Refusal {
  const slash = text.indexOf("/");
  const digits = text.slice(slash + 1);
  if (slash < 0 || !/^(0|[1-9][0-9]{0,2})$/.test(digits)) {
    return notAPrefix(text);
  }
  const address = parseAddress(text.slice(0, slash));
  if (isRefusal(address)) {
    return address.code === "ADIT-1211" ? address : notAPrefix(text);
  }
  const length = Number(digits);
  return length <= address.bytes.length * 8 ? { address, length } : notAPrefix(text);
}

/** Parses `address/length` and refuses host bits. */
export function parsePrefix(text: string): Prefix | Refusal {
  const prefix = parseInterfaceAddress(text);
  if (isRefusal(prefix)) {
    return prefix;
  }
  const network = maskBytes(prefix.address.bytes, prefix.length);
  if (Buffer.compare(network, prefix.address.bytes) === 0) {
    return prefix;
  }
  const message = `${quote(text)} has host bits set`;
  const fix = `write "${formatAddress(network)}/${prefix.length}"`;
  return { code: "ADIT-1209", message, fix };
}

function notAPrefix(text: string): Refusal {
  const fix = 'write an address and a length, such as "192.0.2.0/24" or "2001:db8::/32"';
  return { code: "ADIT-1208", message: `${quote(text)} is not an IP prefix`, fix };
}

/** The address with all bits after the first `length` set to 0. */
export function maskBytes(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.map((byte, index) => {
    const kept = Math.min(Math.max(length - index * 8, 0), 8);
    return byte & (0xff << (8 - kept)) & 0xff;
  });
}

/** The addresses of a prefix: keys (`Address.key`) of its first and its last one. */
export interface AddressRange {
  readonly first: string;
  readonly last: string;
}

/** The range of a prefix whose host bits are 0. Keys of one family compare as addresses do. */
export function rangeOf({ address, length }: Prefix): AddressRange {
  const last = address.bytes.map((byte, index) => {
    const kept = Math.min(Math.max(length - index * 8, 0), 8);
    return byte | (0xff >> kept);
  });
  return { first: address.key, last: Buffer.from(last).toString("hex") };
}

/** Bytes as text, IPv6 shortened. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) {
    return bytes.join(".");
  }
  const value = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  return collapseIPv6Number(new IPv6(value).toString());
}

export function compilePrefix({ address, length }: Prefix): CompiledPrefix {
  return { address: address.bytes, length };
}
