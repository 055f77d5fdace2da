import { isIPv4, isIPv6 } from "node:net";
import type { Refusal } from "../address/address.js";
import { quote } from "../text/printable.js";

export interface ListenAddress {
  /** IP address or host name. */
  readonly host: string;
  readonly port: number;
}

/** Longest path of a Unix socket: sun_path without its final zero byte (unix(7)). */
const SOCKET_PATH_LIMIT = 107;

/** Parses `address:port`, `[IPv6 address]:port` or `name:port`. */
export function parseListenAddress(text: string): ListenAddress | Refusal {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):([1-9][0-9]{0,4})$/.exec(text);
  const [, bracketed, plain, digits] = match ?? [];
  const port = Number(digits);
  const host = bracketed ?? plain;
  const isHost = bracketed === undefined ? isHostOrIpv4(plain ?? "") : isIPv6(bracketed);
  if (host !== undefined && isHost && port <= 65535) {
    return { host, port };
  }
  return {
    code: "ADIT-1214",
    message: `${quote(text)} is not an address and a port`,
    fix: 'write one such as "127.0.0.1:9477" or "[::1]:9477", or false to turn it off',
  };
}

/** Digits and dots alone are meant as an address; anything else is a host name (RFC 1123 §2.1). */
function isHostOrIpv4(text: string): boolean {
  if (/^[0-9.]+$/.test(text)) {
    return isIPv4(text);
  }
  const label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
  return text.length <= 253 && new RegExp(`^${label}(?:\\.${label})*$`).test(text);
}

/** Refuses what cannot be bound as a Unix socket. */
export function refuseSocketPath(text: string): Refusal | undefined {
  const size = Buffer.byteLength(text);
  if (
    text.startsWith("/") &&
    !text.endsWith("/") &&
    size <= SOCKET_PATH_LIMIT &&
    !text.includes("\0")
  ) {
    return undefined;
  }
  const message = `${quote(text)} cannot be the path of a socket`;
  const fix = `write an absolute path of at most ${SOCKET_PATH_LIMIT} bytes`;
  return { code: "ADIT-1215", message, fix };
}
