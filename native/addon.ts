import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { PackedTable } from "./packed-table.js";

/** Header fields as the addon takes and gives them; see `frame.ts` for their meaning. */
export interface RawFrame {
  bytes(): Uint8Array;
  headroom(): number;
  tailroom(): number;
  pad(bytes: number): boolean;
  pushEthernet(fields: object): boolean;
  popEthernet(): RawEthernet | undefined;
  pushVlan(fields: { tpid: number; tci: number }): boolean;
  popVlan(): { tpid: number; tci: number } | undefined;
  pushIp(fields: object): boolean;
  popIp(): RawIp | undefined;
  pushUdp(fields: object): boolean;
  popUdp(): { sourcePort: number; destinationPort: number } | undefined;
  setUdpChecksum(): boolean;
  pushVxlan(vni: number): boolean;
  popVxlan(): number | undefined;
  pushGre(fields: object): boolean;
  popGre(): RawGre | undefined;
  setGreChecksum(): void;
  pushGeneve(vni: number): boolean;
  popGeneve(): number | undefined;
}

interface RawGre {
  protocol: number;
  checksum?: boolean;
  key?: number;
  sequence?: number;
}

interface RawEthernet {
  destination: Uint8Array;
  source: Uint8Array;
  type: number;
}

interface RawIp {
  source: Uint8Array;
  destination: Uint8Array;
  protocol: number;
  ttl: number;
  trafficClass: number;
  dontFragment: boolean;
  identification: number;
  flowLabel: number;
}

/** Why a frame was dropped: the public word, and a sentence of meaning. */
export interface DropReason {
  readonly word: string;
  readonly meaning: string;
}

export interface PortTotals {
  readonly received: number;
  readonly sent: number;
  readonly kernel: number;
}

export interface MemberTotals {
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly txBytes: number;
}

/** Counts by drop reason; reasons with count 0 are left out. */
export type Drops = Readonly<Record<string, number>>;

/**
 * Counts since the start, summed over workers. Lists are by index of the compiled table. For frames
 * that are out of the gateway's hands: received + generated = sent + kernel + consumed + dropped.
 */
export interface Totals {
  readonly ports: readonly PortTotals[];
  readonly members: readonly MemberTotals[];
  readonly tenantDrops: readonly Drops[];
  readonly drops: Drops;
  readonly generated: number;
  readonly consumed: number;
}

export interface ReplayInput {
  /** Index of the port. */
  readonly port: number;
  /** A pcap or pcapng file. */
  readonly path: string;
}

/** One step of a packet's way: what was found or done, and the packet's bytes after it. */
export interface TraceStep {
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Index of the member that the step is about. */
  readonly member?: number;
  /** Index of the port that the step is about. */
  readonly port?: number;
  readonly bytes?: Uint8Array;
}

/**
 * The data path with capture files for ports: no interface, no privilege, no kernel to ask.
 *
 * Failures are Errors with a `code` and, where a person can mend it, a `fix`.
 */
export interface Replay {
  /** Records from now on what becomes of each frame. */
  record(): void;
  /** The way of the last frame that `step` took. */
  trace(): TraceStep[];
  /** Processes up to `frames` frames; false once all are done. */
  step(frames: number): boolean;
  /** Drops what still waits and writes the files. */
  finish(): void;
  totals(): Totals;
}

/** A line for the log that the data path has to tell. */
export interface DataPathEvent {
  readonly level: "debug" | "info" | "warn" | "error";
  /** Stable, such as `ADIT-2221`. */
  readonly code: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** One port as it is now. */
export interface PortInfo {
  readonly interface: string;
  readonly ifindex: number;
  readonly mac: Uint8Array;
  readonly mtu: number;
  /** VID that tunnel packets carry here, given or found; 0: they are untagged. */
  readonly tunnelVlan: number;
  readonly present: boolean;
  readonly up: boolean;
  /** Driver's name; and how the port was opened. */
  readonly driver: string;
  readonly queues: number;
  readonly xdpMode: "native" | "generic";
  /** Why native mode was not had; absent when it was, or was not tried. */
  readonly nativeRefusal?: string;
  readonly zeroCopy: boolean;
  /** Why zero copy was not had; absent when it was, or was not tried. */
  readonly zeroCopyRefusal?: string;
  readonly frameSize: number;
  /** Packets may take several frames of packet memory (AF_XDP multi-buffer). */
  readonly multiBuffer: boolean;
  /** Preferred busy polling is in force. */
  readonly busyPoll: boolean;
  /** Why it is not; absent when it is, or was not asked for. */
  readonly busyPollRefusal?: string;
  /** RX queues that received packets were spread over at the start; absent: the driver does not tell. */
  readonly rss?: readonly number[];
  /** Why not every worker gets its share of received packets, each with the command that mends it. */
  readonly rssFaults: readonly { readonly what: string; readonly fix: string }[];
  /** Interface features that are turned off while the gateway runs. */
  readonly featuresOff: readonly string[];
  /** Counts of the sockets, as the kernel keeps them (XDP_STATISTICS). */
  readonly rxDropped: number;
  readonly rxRingFull: number;
  readonly rxFillRingEmpty: number;
  readonly rxInvalid: number;
  readonly txInvalid: number;
}

/**
 * Where a worker's frames are. `free + fill + rx + held + tx + completion = total` when no frame is
 * lost: in the free stack; given to the kernel to receive into; received, not yet taken; in the
 * worker's hands; being sent; sent, not yet taken back.
 */
export interface FrameCounts {
  readonly total: number;
  readonly free: number;
  readonly fill: number;
  readonly rx: number;
  readonly held: number;
  readonly tx: number;
  readonly completion: number;
}

export interface WorkerInfo {
  /** The CPU it is pinned to; -1: none. */
  readonly cpu: number;
  /** Packets that it took out of its queues, and handed to the kernel to send; of all ports. */
  readonly received: number;
  readonly sent: number;
  readonly frames: FrameCounts;
  /** Times it looked at its ports, and those of them with packets. */
  readonly loops: number;
  readonly busyLoops: number;
  /** Age of its last sign of life, milliseconds. */
  readonly heartbeatMs: number;
}

/** The last ICMP error about packets to a remote, beside "too big". */
export interface PathErrorInfo {
  readonly type: number;
  readonly code: number;
  /** Such errors since the start. */
  readonly count: number;
  readonly secondsAgo: number;
}

/** The answer for one next hop of the compiled table. */
export interface NextHopInfo {
  readonly status: "no_route" | "resolving" | "no_neighbor" | "port_down" | "up";
  readonly port: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly mtu: number;
  /** What an ICMP error told of the way, while it is in force; bytes of IP packet. */
  readonly path?: { readonly mtu: number; readonly secondsLeft: number };
  readonly lastError?: PathErrorInfo;
}

/** What fits a member's way out now; empty where there is no way out. */
export interface MemberSize {
  /** Largest inner IP packet, with the tags that are always kept inside, bytes. */
  readonly innerMtu?: number;
  /** What sets it, such as `the way to the remote`. */
  readonly mtuOf?: string;
}

/** A neighbor on one of the ports. */
export interface NeighborInfo {
  readonly address: Uint8Array;
  readonly port: number;
  readonly mac: Uint8Array;
  /** The kernel's word, such as `reachable`; `static` for one of the gateway file. */
  readonly state: string;
  /** Whether some next hop needs it. */
  readonly used: boolean;
}

/** The running gateway: sockets, workers, underlay. */
export interface DataPath {
  /** Opens all ports and starts; all or nothing. */
  start(): void;
  /** Detaches from the interfaces, sends what is queued, ends the workers. */
  stop(): void;
  totals(): Totals;
  ports(): PortInfo[];
  workers(): WorkerInfo[];
  nextHops(): NextHopInfo[];
  /** By member. */
  memberSizes(): MemberSize[];
  neighbors(): NeighborInfo[];
  /** Whether an address (4 or 16 bytes) is configured in this network namespace. */
  hasAddress(address: Uint8Array): boolean;
}

export interface Addon {
  readonly Frame: new (bytes: Uint8Array, headroom: number, tailroom: number) => RawFrame;
  readonly Replay: new (
    table: PackedTable,
    seed: bigint,
    inputs: readonly ReplayInput[],
    directory: string,
  ) => Replay;
  readonly DataPath: new (
    table: PackedTable,
    seed: bigint,
    onEvent: (event: DataPathEvent) => void,
  ) => DataPath;
  /** Sends a state such as `READY=1` to the service manager; false where there is none. */
  readonly notifySystemd: (state: string) => boolean;
  /** Turns interface features on again; returns those that the driver refused. */
  readonly restoreFeatures: (interfaceName: string, features: readonly string[]) => string[];
  readonly dropReasons: readonly DropReason[];
}

/** The compiled addon stands in `build/`, two folders above `dist/native/`. */
function load(): Addon {
  const path = fileURLToPath(new URL("../../build/adit.node", import.meta.url));
  if (!existsSync(path)) {
    throw new Error(`the native addon ${path} is missing; build it with: npm run build`);
  }
  return createRequire(import.meta.url)(path) as Addon;
}

export const addon = load();
