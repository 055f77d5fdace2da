/**
 * Labs change the machine outside this process, so they are taken down however it ends: a normal
 * exit, an uncaught error, or a signal. Only SIGKILL cannot be answered.
 */
import { constants } from "node:os";

interface Closable {
  close(): void;
}

const openLabs = new Set<Closable>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
let installed = false;

export function registerLab(lab: Closable): void {
  openLabs.add(lab);
  if (installed) return;
  installed = true;
  process.on("exit", closeAll);
  for (const signal of signals) process.on(signal, () => exitOn(signal));
}

export function unregisterLab(lab: Closable): void {
  openLabs.delete(lab);
}

function closeAll(): void {
  for (const lab of [...openLabs].reverse()) lab.close();
}

/** A program that expects the signal (Ctrl-C ends it as planned) sets `process.exitCode` before. */
function exitOn(signal: (typeof signals)[number]): void {
  process.exit(process.exitCode ?? 128 + constants.signals[signal]);
}
