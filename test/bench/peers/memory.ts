/**
 * Open vSwitch with DPDK, in memory: packets come from a capture that is read for ever, are pushed
 * or popped, and go to a port that takes all. Beside it the same work of our path in memory.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, withLab } from "../../../deploy/lab/lab.js";
import { Namespace } from "../../../deploy/lab/namespace.js";
import { OpenVswitch } from "../../../deploy/lab/open-vswitch.js";
import { measureTime } from "../program.js";
import { macs, type Way } from "./bed.js";
import { captureOf } from "./capture.js";
import { plainFrame, tunnelFrame } from "./frames.js";
import { gatewayCpu, loadCpu } from "./load.js";
import { addVxlanPort } from "./ovs-peer.js";

const daemon = "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk";
const bytes = 64;
const runs = 5;
const bridgeMac = "02:00:00:00:00:01";

/** One of ours and one of theirs, TSC cycles a packet. */
export interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

export async function measureInMemory(way: Way, seconds: number): Promise<Pair> {
  const { cycles } = await measureTime(`vxlan/ipv4/${way}/${bytes}`, runs, seconds / runs);
  return { ours: cycles, theirs: await withLab((lab) => cyclesOfOpenVswitch(lab, way, seconds)) };
}

async function cyclesOfOpenVswitch(lab: Lab, way: Way, seconds: number): Promise<number> {
  const namespace = await Namespace.create(lab, "memory");
  const capture = join(lab.folder, `${namespace.label}.pcap`);
  const header = { inner: macs.remoteTenant, outer: bridgeMac };
  const frame = way === "push" ? plainFrame(bytes, header.inner, way) : tunnelFrame(bytes, header);
  await writeFile(capture, captureOf(frame));
  const extra = `--no-huge --legacy-mem -m 1024 --no-pci --no-telemetry --file-prefix=${namespace.name}`;
  const settings = [
    "dpdk-init=true",
    `dpdk-extra="${extra}"`,
    `dpdk-lcore-mask=${1 << loadCpu}`,
    `pmd-cpu-mask=${1 << gatewayCpu}`,
  ];
  const ovs = await OpenVswitch.start(namespace, { daemon, settings });
  await build(ovs, way, capture);
  return measureSwitch(ovs, seconds);
}

async function build(ovs: OpenVswitch, way: Way, capture: string): Promise<void> {
  const source = `net_pcap0,rx_pcap=${capture},infinite_rx=1`;
  const takesAll = "net_null0,no-rx=1";
  await ovs.addBridge("br-out");
  await ovs.addBridge("br-int");
  await ovs.vsctl("set", "bridge", "br-out", `other_config:hwaddr="${bridgeMac}"`);
  await addVxlanPort(ovs, "br-int", "br-out");
  await ovs.addDpdkPort("br-out", "out0", way === "push" ? takesAll : source);
  await ovs.wire("br-out", "out0", "LOCAL");
  await ovs.addDpdkPort("br-int", "in0", way === "push" ? source : takesAll);
  await ovs.wire("br-int", "in0", "vxlan0");
}

/** The least of several short times, as ours is: other load disturbed that one least. */
async function measureSwitch(ovs: OpenVswitch, seconds: number): Promise<number> {
  await sleep(1000);
  const all: number[] = [];
  for (let i = 0; i < runs; i++) {
    await ovs.appctl("dpif-netdev/pmd-stats-clear");
    await sleep((seconds * 1000) / runs);
    all.push(cyclesAPacket(await ovs.appctl("dpif-netdev/pmd-stats-show")));
  }
  await checkWork(ovs);
  return Math.min(...all);
}

/** What only drops packets is fast; so the datapath is asked whether it does the work. */
async function checkWork(ovs: OpenVswitch): Promise<void> {
  const flows = await ovs.appctl("dpctl/dump-flows");
  if (/tnl_push|clone|tnl_pop/.test(flows)) return;
  throw new Error(`Open vSwitch does no tunnel's work: ${flows.trim()}`);
}

/** All cycles of the one busy thread, by the packets it received. */
export function cyclesAPacket(stats: string): number {
  const thread = stats.split(/^(?=pmd thread)/m).find((part) => part.startsWith("pmd thread"));
  const found = /avg cycles per packet: ([\d.]+) /.exec(thread ?? "")?.[1];
  if (found === undefined) throw new Error(`Open vSwitch received nothing:\n${stats}`);
  return Number(found);
}
