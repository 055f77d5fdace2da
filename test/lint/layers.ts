/** What one part of the project may import of the others: `"all"` of it, or `"types"` only. */
export type Reach = Readonly<Record<string, "all" | "types">>;

/**
 * TypeScript, by top folder: imports point from the gateway down to the tunnels. `deploy` drives the
 * program from outside as an operator does; nothing imports it but tests.
 */
export const TYPESCRIPT_REACH: Readonly<Record<string, Reach>> = {
  tunnels: { tunnels: "all" },
  native: { native: "all", tunnels: "types" },
  gateway: { gateway: "all", native: "all", tunnels: "all" },
  deploy: { deploy: "all", tunnels: "types" },
  test: { test: "all", deploy: "all", gateway: "all", native: "all", tunnels: "all" },
};

const SYSTEM_FACING = ["packet", "wire"];

/** C++, by folder of `native/`: which folders' headers it may include beside its own. */
export const CPP_REACH: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  packet: ["wire"],
  table: ["packet", "wire"],
  service: ["packet", "wire"],
  port: SYSTEM_FACING,
  steer: SYSTEM_FACING,
  netlink: SYSTEM_FACING,
  capture: SYSTEM_FACING,
  worker: ["capture", "netlink", "packet", "port", "service", "steer", "table", "wire"],
  binding: ["worker", "capture", "netlink", "packet", "port", "service", "steer", "table", "wire"],
};

/** Libraries that only some folders know; every header of theirs matches the pattern. */
export const CPP_LIBRARIES: readonly {
  readonly name: string;
  readonly header: RegExp;
  readonly folders: readonly string[];
}[] = [
  { name: "Node-API", header: /^(napi|node_api|js_native_api)\b/, folders: ["binding"] },
  { name: "libbpf", header: /^bpf\//, folders: ["port", "steer"] },
  { name: "libxdp", header: /^xdp\//, folders: ["port", "steer"] },
  { name: "the BPF skeleton", header: /\.skel\.h$/, folders: ["steer"] },
  { name: "libmnl", header: /^libmnl\//, folders: ["netlink"] },
  { name: "libpcap", header: /^pcap(\.h$|\/)/, folders: ["capture"] },
];
