import { IPv4, IPv6 } from "ip-num";
import type { AddressBytes } from "../compiled.js";
import type { ErrorCode } from "../error-codes.js";
import { quote } from "../text/printable.js";
import { parsePlainAddress } from "./plain-address.js";

export type AddressFamily = 4 | 6;

export interface Address {
  readonly family: AddressFamily;
  /** Network order. */
  readonly bytes: AddressBytes;
  /** Lower-case hexadecimal of the bytes: equal for equal addresses, however written. */
  readonly key: string;
}

/** Why a text is not the value that is needed. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
}

export function isRefusal(value: object): value is Refusal {
  return "code" in value;
}

/** The longest IPv6 address as text; longer input is refused unparsed. */
const TEXT_LIMIT = 45;

/**
 * Parses an IPv4 or IPv6 address strictly: no spaces, leading zeros, zone identifiers, ports or
 * prefix lengths. IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) is refused: no packet carries it.
 */
export function parseAddress(text: string): Address | Refusal {
  if (text.length > TEXT_LIMIT || text.includes("%") || text.includes("/")) {
    return notAnAddress(text);
  }
  const plain = parsePlainAddress(text);
  const parsed = plain === undefined ? parseWithIpNum(text) : addressOf(plain);
  if (parsed === undefined) {
    return notAnAddress(text);
  }
  return isMapped(parsed) ? mappedRefusal(text, parsed) : parsed;
}

/** Any way that an address may be written; undefined if it is none. */
export function parseWithIpNum(text: string): Address | undefined {
  try {
    return text.includes(":") ? fromIpv6(text) : fromIpv4(text);
  } catch {
    return undefined;
  }
}

function addressOf(bytes: AddressBytes): Address {
  const key = Buffer.from(bytes.buffer).toString("hex");
  return { family: bytes.length === 4 ? 4 : 6, bytes, key };
}

function fromIpv4(text: string): Address {
  const value = Number(new IPv4(text).getValue());
  const bytes = Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
  return { family: 4, bytes, key: value.toString(16).padStart(8, "0") };
}

function fromIpv6(text: string): Address {
  const key = new IPv6(text).getValue().toString(16).padStart(32, "0");
  return { family: 6, bytes: Uint8Array.from(Buffer.from(key, "hex")), key };
}

const MAPPED = "00000000000000000000ffff";

function isMapped(address: Address): boolean {
  return address.family === 6 && address.key.startsWith(MAPPED);
}

function mappedRefusal(text: string, address: Address): Refusal {
  return {
    code: "ADIT-1211",
    message: `${quote(text)} is an IPv4 address in IPv6-mapped form`,
    fix: `write "${address.bytes.subarray(12).join(".")}"`,
  };
}

function notAnAddress(text: string): Refusal {
  const fix = text.includes("%")
    ? "write it without the zone"
    : 'write one such as "192.0.2.1" or "2001:db8::1", without leading zeros or prefix length';
  return { code: "ADIT-1207", message: `${quote(text)} is not an IP address`, fix };
}

/** The kind of an address that cannot be one host's; undefined for unicast. */
export function notOneHost(address: Address): string | undefined {
  const first = address.bytes[0] ?? 0;
  if (/^0+$/.test(address.key)) {
    return "the unspecified address";
  }
  if (address.key === "ffffffff") {
    return "the broadcast address";
  }
  const isMulticast = address.family === 4 ? first >= 224 && first <= 239 : first === 255;
  return isMulticast ? "a multicast address" : undefined;
}
