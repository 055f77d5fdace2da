import { formatAddress } from "../tunnels/address/prefix.js";

/** `02:00:00:00:00:01` */
export function formatMac(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

export { formatAddress };
