import type { AddressBytes } from "../compiled.js";

const DOT = 0x2e;
const COLON = 0x3a;
const DIGIT_0 = 0x30;
const GROUPS = 8;

/**
 * The bytes of an address in one of the forms that are nearly always written: four numbers, or
 * groups of hexadecimal digits of which "::" stands for two or more. Undefined for any other text,
 * be it an address or not. ip-num, which judges those, takes microseconds for each.
 */
export function parsePlainAddress(text: string): AddressBytes | undefined {
  return text.includes(":") ? parsePlainIpv6(text) : parsePlainIpv4(text);
}

function parsePlainIpv4(text: string): AddressBytes | undefined {
  const bytes = new Uint8Array(4);
  let at = 0;
  for (let index = 0; index < 4; index++) {
    const start = at;
    let value = 0;
    for (let digit = digitAt(text, at); digit < 10; digit = digitAt(text, at)) {
      value = value * 10 + digit;
      at++;
    }
    const digits = at - start;
    const isNumber = digits === 1 || (digits > 1 && digits <= 3 && digitAt(text, start) !== 0);
    const isEnded = index === 3 ? at === text.length : text.charCodeAt(at) === DOT;
    if (!isNumber || value > 255 || !isEnded) {
      return undefined;
    }
    bytes[index] = value;
    at++;
  }
  return bytes;
}

function parsePlainIpv6(text: string): AddressBytes | undefined {
  const gap = text.indexOf("::");
  const head = readGroups(text, 0, gap < 0 ? text.length : gap);
  const tail = gap < 0 ? [] : readGroups(text, gap + 2, text.length);
  if (head === undefined || tail === undefined) {
    return undefined;
  }
  const missing = GROUPS - head.length - tail.length;
  if (gap < 0 ? missing !== 0 : missing < 2) {
    return undefined;
  }
  const bytes = new Uint8Array(2 * GROUPS);
  head.forEach((group, index) => {
    write(bytes, index, group);
  });
  tail.forEach((group, index) => {
    write(bytes, GROUPS - tail.length + index, group);
  });
  return bytes;
}

function write(bytes: Uint8Array, group: number, value: number): void {
  bytes[2 * group] = value >> 8;
  bytes[2 * group + 1] = value & 255;
}

/** Groups of up to four digits between single colons; none at all of an empty range. */
function readGroups(text: string, start: number, end: number): readonly number[] | undefined {
  const groups: number[] = [];
  let at = start;
  while (at < end) {
    const first = at;
    let value = 0;
    for (let digit = digitAt(text, at); at < end && digit < 16; digit = digitAt(text, at)) {
      value = value * 16 + digit;
      at++;
    }
    const isGroup = at > first && at - first <= 4;
    const isLast = at === end;
    if (!isGroup || groups.length === GROUPS || !(isLast || text.charCodeAt(at) === COLON)) {
      return undefined;
    }
    groups.push(value);
    at++;
    if (!isLast && at === end) {
      return undefined;
    }
  }
  return groups;
}

/** Value of a hexadecimal digit; 16: it is none, or behind the end. */
function digitAt(text: string, at: number): number {
  const character = text.charCodeAt(at);
  if (character >= DIGIT_0 && character < DIGIT_0 + 10) {
    return character - DIGIT_0;
  }
  const lower = character | 0x20;
  return lower >= 0x61 && lower <= 0x66 && character >= 0x41 ? lower - 0x61 + 10 : 16;
}
