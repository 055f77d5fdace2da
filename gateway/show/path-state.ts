import type { NextHopInfo, PathErrorInfo } from "../../native/index.js";
import type { CompiledTunnel } from "../../tunnels/index.js";

/** What a tunnel's row says of the way to its remote, beside the state. */
export interface PathState {
  /** Largest IP packet that is sent to the remote, bytes. */
  readonly pathMtu?: number;
  /** The port's MTU, or what an ICMP error told. */
  readonly pathMtuFrom?: "port" | "learned";
  /** Seconds until larger packets are tried again; where it was learned. */
  readonly pathMtuSecondsLeft?: number;
  readonly lastError?: PathErrorInfo & { readonly meaning: string };
}

export function pathState(tunnel: CompiledTunnel, hop: NextHopInfo | undefined): PathState {
  if (hop === undefined) return {};
  const { lastError } = hop;
  const sizes = hop.status === "up" ? mtuState(tunnel, hop) : {};
  if (lastError === undefined) return sizes;
  const meaning = meaningOf(tunnel.local.length === 4, lastError);
  return { ...sizes, lastError: { ...lastError, meaning } };
}

function mtuState({ learnPath }: CompiledTunnel, { mtu, path }: NextHopInfo): PathState {
  if (!learnPath || path === undefined || path.mtu >= mtu) {
    return { pathMtu: mtu, pathMtuFrom: "port" };
  }
  return { pathMtu: path.mtu, pathMtuFrom: "learned", pathMtuSecondsLeft: path.secondsLeft };
}

/** RFC 792, RFC 1812 §5.2.7.1. */
const ipv4Meanings: Readonly<Record<string, string>> = {
  "3/0": "network unreachable",
  "3/1": "host unreachable",
  "3/2": "the remote does not know the IP protocol",
  "3/3": "nothing listens on the UDP port at the remote",
  "3/5": "source route failed",
  "3/9": "administratively prohibited",
  "3/10": "administratively prohibited",
  "3/13": "administratively prohibited",
  "11/0": "the TTL ran out on the way",
  "11/1": "the remote could not put fragments together",
};

/** RFC 4443 §3. */
const ipv6Meanings: Readonly<Record<string, string>> = {
  "1/0": "no route",
  "1/1": "administratively prohibited",
  "1/3": "address unreachable",
  "1/4": "nothing listens on the UDP port at the remote",
  "3/0": "the hop limit ran out on the way",
  "3/1": "the remote could not put fragments together",
  "4/1": "the remote does not know the protocol",
};

function meaningOf(isIpv4: boolean, { type, code }: PathErrorInfo): string {
  const known = (isIpv4 ? ipv4Meanings : ipv6Meanings)[`${type}/${code}`];
  return known ?? `ICMP type ${type}, code ${code}`;
}

/** Sentences for people below the table. */
export function pathNotes(state: PathState): string[] {
  const { pathMtu, pathMtuSecondsLeft, lastError } = state;
  const learned =
    pathMtuSecondsLeft === undefined
      ? []
      : [`path MTU ${pathMtu} learned, for another ${pathMtuSecondsLeft} s`];
  if (lastError === undefined) return learned;
  const { meaning, type, code, count, secondsAgo } = lastError;
  return [
    ...learned,
    `ICMP errors: ${count}, the last ${secondsAgo} s ago: ${meaning} (${type}/${code})`,
  ];
}
