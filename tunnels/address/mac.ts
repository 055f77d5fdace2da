import type { MacBytes } from "../compiled.js";
import { quote } from "../text/printable.js";
import type { Refusal } from "./address.js";

/** Bytes of `xx:xx:xx:xx:xx:xx`, whose form the schema has checked. */
export function macBytes(text: string): MacBytes {
  return Uint8Array.from(text.split(":"), (part) => Number.parseInt(part, 16));
}

/** Refuses group addresses (IEEE 802: lowest bit of the first byte) and all zeros. */
export function refuseGroupMac(text: string): Refusal | undefined {
  const bytes = macBytes(text);
  const isGroup = ((bytes[0] ?? 0) & 1) === 1;
  if (!isGroup && bytes.some((byte) => byte !== 0)) {
    return undefined;
  }
  const kind = isGroup ? "a group address" : "all zeros";
  const fix = "write the MAC of one host, such as 02:00:00:00:00:01";
  return { code: "ADIT-1205", message: `${quote(text)} is ${kind}`, fix };
}
