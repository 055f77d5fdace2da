import { type Static, Type } from "@sinclair/typebox";
import {
  address,
  choice,
  closed,
  InterfaceName,
  ipMtu,
  mac,
  PortName,
  prefix,
  reference,
  SchemaKey,
  someOf,
  whole,
} from "./parts.js";

export const Port = Type.Object(
  {
    name: PortName,
    interface: Type.Optional(InterfaceName),
    mac: Type.Optional(mac("Stands in place of the interface's own.")),
    mtu: Type.Optional(ipMtu("IP MTU; stands in place of the interface's own.")),
    addresses: Type.Optional(
      Type.Array(prefix("An address with its prefix length, such as 192.0.2.1/24."), {
        description: "Each makes a connected route; they stand in place of the interface's own.",
      }),
    ),
    tunnels: Type.Optional(
      Type.Boolean({
        description:
          "Whether tunnel packets are taken on this port. Default: true on a port without attachments.",
      }),
    ),
    vlan: Type.Optional(whole(1, 4094, "The tag that tunnel packets carry here.")),
    headroom: Type.Optional(
      whole(0, 3072, "Driver headroom, bytes, beside the 256 that the kernel leaves. Default 0."),
    ),
    reservedHeadroom: Type.Optional(
      whole(0, 3328, "How many bytes of the headroom the driver uses itself. Default 0."),
    ),
    frameSize: Type.Optional(
      Type.Unsafe<2048 | 4096>({
        type: "integer",
        enum: [2048, 4096],
        description: "UMEM chunk, bytes. Default 2048, or 4096 by MTU.",
      }),
    ),
    frames: Type.Optional(whole(64, 16777216, "UMEM chunks a queue. Default 4 x ringSize.")),
    ringSize: Type.Optional(whole(64, 32768, "Ring entries, a power of two. Default 2048.")),
    queues: Type.Optional(
      Type.Union([whole(1, 1024), Type.Literal("all")], {
        description: 'How many RX/TX queue pairs to claim. Default "all".',
      }),
    ),
    xdpMode: Type.Optional(choice(["auto", "native", "generic"], { default: "auto" })),
    zeroCopy: Type.Optional(choice(["auto", "on", "off"], { default: "auto" })),
    busyPoll: Type.Optional(
      Type.Boolean({ description: "Preferred busy polling, with budget.", default: false }),
    ),
  },
  closed,
);

export const Neighbor = Type.Object(
  {
    address: address("Underlay address of the neighbor."),
    mac: mac("Its MAC."),
    port: reference("The port it is reached by."),
  },
  closed,
);

export const Route = Type.Object(
  {
    prefix: prefix("Underlay destination."),
    via: Type.Optional(address("Next hop; without it the destination is on the link.")),
    port: reference("The port it leaves by."),
  },
  closed,
);

const Workers = Type.Union(
  [
    whole(1, 1024),
    Type.Object(
      { cpus: someOf(whole(0, 8191), "CPUs to pin the workers to; other threads keep off them.") },
      closed,
    ),
    Type.Literal("auto"),
  ],
  { description: 'Number of worker threads, or the CPUs to pin them to. Default "auto".' },
);

const Listen = Type.Object(
  {
    http: Type.Optional(
      Type.Union([Type.String({ title: "address:port" }), Type.Literal(false)], {
        description: 'Metrics, health, status page, read-only API. Default "127.0.0.1:9477".',
      }),
    ),
    control: Type.Optional(
      Type.String({
        description: 'Unix socket of the full API. Default "/run/adit/adit.sock".',
      }),
    ),
  },
  closed,
);

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

const Log = Type.Object({ level: Type.Optional(choice(LOG_LEVELS, { default: "info" })) }, closed);

export const GatewayFile = Type.Object(
  {
    $schema: SchemaKey,
    ports: Type.Optional(Type.Array(Port, { maxItems: 255 })),
    workers: Type.Optional(Workers),
    neighbors: Type.Optional(
      Type.Array(Neighbor, { description: "Static; they beat the kernel's table." }),
    ),
    routes: Type.Optional(
      Type.Array(Route, { description: "Static, for the underlay; they beat the kernel's table." }),
    ),
    block: Type.Optional(
      Type.Array(prefix("A source prefix."), {
        description:
          "Sources dropped in the driver hook before a frame is copied, behind two VLAN tags at most.",
      }),
    ),
    listen: Type.Optional(Listen),
    log: Type.Optional(Log),
    tunnelFiles: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), {
        description: "Relative to this file's folder; `*` and `?` match in name order.",
        default: ["tunnels.d/*.json"],
      }),
    ),
  },
  closed,
);

export type GatewayFile = Static<typeof GatewayFile>;
export type Port = Static<typeof Port>;
