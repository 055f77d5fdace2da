/** Waiting until the machine does nothing beside the benchmark. */
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** So little of both processors that it is no more than this program and the kernel take. */
export const quietShare = 0.05;
/** The kernel releases what a peer bound in its own time, and asks as long to see other load. */
export const settleMs = 1500;

/**
 * Waits as long as the last peer needs to be gone, and on until nothing else is at work, at most
 * for `patienceSeconds`.
 */
export async function settle(patienceSeconds: number): Promise<void> {
  const deadline = performance.now() + patienceSeconds * 1000;
  let share = await busyShare(settleMs);
  while (share > quietShare && performance.now() < deadline) share = await busyShare(settleMs);
}

async function busyShare(milliseconds: number): Promise<number> {
  const before = processorTimes();
  await sleep(milliseconds);
  const after = processorTimes();
  return (after.busy - before.busy) / (after.all - before.all);
}

function processorTimes(): { readonly busy: number; readonly all: number } {
  const times = cpus().map(({ times: of }) => of);
  const idle = times.reduce((sum, of) => sum + of.idle, 0);
  const busy = times.reduce((sum, of) => sum + of.user + of.nice + of.sys + of.irq, 0);
  return { busy, all: busy + idle };
}
