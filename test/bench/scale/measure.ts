/**
 * One process, one load: from the files to a table that forwards. Prints what it cost as JSON.
 * usage: node --expose-gc measure.js FOLDER TENANTS
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import { onePacketCapture } from "../../../gateway/one-packet-capture.js";
import { createDataPath, createReplay } from "../../../native/index.js";
import type { CompiledTable } from "../../../tunnels/index.js";
import { tunnelsPerTenant, vlansOf } from "./files.js";
import { load, type Stage, StageClock } from "./stages.js";

export interface ScaleResult {
  readonly tunnels: number;
  readonly stages: readonly Stage[];
  /** From the start of the process to the table that forwards, without this program's own checks. */
  readonly total: Omit<Stage, "name">;
  readonly nativeBytes: number;
  /** Of JavaScript when all is loaded; and the most that the process ever had. */
  readonly heapBytes: number;
  readonly peakBytes: number;
}

/** Memory that is not JavaScript's, once garbage is collected. */
function nativeBytes(): number {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  return process.memoryUsage().rss - getHeapStatistics().total_physical_size;
}

function measure(folder: string, tenants: number): ScaleResult {
  const tunnels = tenants * tunnelsPerTenant;
  const start = performance.timeOrigin;
  const clock = new StageClock();
  const { table } = load(join(folder, "adit.json"), clock);
  clock.begin(undefined);
  const before = nativeBytes();
  clock.begin("native");
  const dataPath = createDataPath(table, () => undefined);
  const stages = clock.end();
  const after = nativeBytes();
  dataPath.stop();
  const heapBytes = process.memoryUsage().heapUsed;
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const sent = forwarded(table, folder, tunnels);
  if (sent !== sampled) throw new Error(`${sent} of ${sampled} packets were forwarded`);
  const total = sum(stages, startUp - start);
  return { tunnels, stages, total, nativeBytes: after - before, heapBytes, peakBytes };
}

function sum(stages: readonly Stage[], startMs: number): Omit<Stage, "name"> {
  const add = (key: "wallMs" | "cpuMs") => stages.reduce((all, stage) => all + stage[key], 0);
  return { wallMs: startMs + add("wallMs"), cpuMs: startCpuMs + add("cpuMs") };
}

const sampled = 100;

/** Sends a frame into tunnels all over the table. \returns how many left the gateway. */
function forwarded(table: CompiledTable, folder: string, tunnels: number): number {
  const out = join(folder, "out");
  mkdirSync(out, { recursive: true });
  const inputs = Array.from({ length: sampled }, (_, index) => {
    const path = join(out, `in-${index}.pcap`);
    const tunnel = Math.floor((index * (tunnels - 1)) / (sampled - 1));
    writeFileSync(path, onePacketCapture(frameOf(tunnel)));
    return { port: accessPort, path };
  });
  const replay = createReplay(table, 1n, inputs, out);
  while (replay.step(sampled));
  replay.finish();
  const { members } = replay.totals();
  const first = readFileSync(join(out, "underlay.pcap"));
  if (first.length < sampled * 100) throw new Error("what was forwarded was not written");
  return members.filter(({ txPackets }) => txPackets === 1).length;
}

const accessPort = 1;

/** A frame of a tunnel's attachment. */
function frameOf(tunnel: number): Buffer {
  const frame = Buffer.alloc(64);
  const [outer, inner] = vlansOf(tunnel);
  frame.write("020000000001020000000002", "hex");
  frame.writeUInt16BE(0x88a8, 12);
  frame.writeUInt16BE(outer, 14);
  frame.writeUInt16BE(0x8100, 16);
  frame.writeUInt16BE(inner, 18);
  frame.writeUInt16BE(0x88b5, 20);
  return frame;
}

const startUp = performance.timeOrigin + performance.now();
const startCpu = process.cpuUsage();
const startCpuMs = (startCpu.user + startCpu.system) / 1000;
const [folder, tenants] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(measure(folder ?? "", Number(tenants)))}\n`);
