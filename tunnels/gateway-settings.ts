import { isRefusal } from "./address/address.js";
import { type ListenAddress, parseListenAddress } from "./check/listen.js";
import type { GatewayFile, LOG_LEVELS } from "./schema/gateway.js";

const DEFAULT_HTTP = "127.0.0.1:9477";
const DEFAULT_CONTROL = "/run/adit/adit.sock";

export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the gateway file says to the daemon itself. */
export interface GatewaySettings {
  /** False: turned off. */
  readonly http: ListenAddress | false;
  /** Path of the control socket. */
  readonly control: string;
  readonly logLevel: LogLevel;
}

/** Settings of a gateway file that has been checked, defaults filled in. */
export function gatewaySettings({ listen, log }: GatewayFile): GatewaySettings {
  const http = listen?.http ?? DEFAULT_HTTP;
  const parsed = http === false ? false : parseListenAddress(http);
  if (parsed !== false && isRefusal(parsed)) {
    throw new Error(`unchecked address: ${parsed.message}`);
  }
  return {
    http: parsed,
    control: listen?.control ?? DEFAULT_CONTROL,
    logLevel: log?.level ?? "info",
  };
}
