import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabProcess, type ProcessOptions } from "./lab-process.js";
import { registerLab, unregisterLab } from "./open-labs.js";

/**
 * Everything one lab made on the machine, and how to unmake it: namespaces, processes, a folder.
 * Names carry a random part, so that several labs run side by side.
 */
export class Lab {
  /** Starts every namespace name and the folder's name. */
  readonly id = `adit-${randomBytes(3).toString("hex")}`;
  /** For configuration, sockets and logs. Short, since a Unix socket's path has 107 bytes. */
  readonly folder: string;
  readonly #processes = new Set<LabProcess>();
  #undo: (() => void)[] = [];

  constructor() {
    registerLab(this);
    this.folder = mkdtempSync(join(tmpdir(), `${this.id}-`));
    this.defer(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Registers what takes a thing down again; the newest is taken down first. */
  defer(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Starts a process that ends with the lab at the latest. */
  spawn(argv: readonly [string, ...string[]], options?: ProcessOptions): LabProcess {
    const child = new LabProcess(argv, options);
    this.#processes.add(child);
    void child.exited.then(() => this.#processes.delete(child));
    return child;
  }

  /** Makes a network namespace, and returns its full name, as `ip netns exec` takes it. */
  addNamespace(label: string): string {
    const name = `${this.id}-${label}`;
    execFileSync("ip", ["netns", "add", name]);
    this.defer(() => execFileSync("ip", ["netns", "del", name]));
    return name;
  }

  /** Takes everything down. Synchronous, for it also runs while the program exits. */
  close(): void {
    for (const child of [...this.#processes].reverse()) child.stopNow();
    this.#processes.clear();
    for (const undo of this.#undo.reverse()) {
      try {
        undo();
      } catch (error) {
        process.stderr.write(`lab ${this.id}: while cleaning up: ${String(error)}\n`);
      }
    }
    this.#undo = [];
    unregisterLab(this);
  }
}

/** Runs `body` in a lab of its own, which is gone afterwards, whatever happened. */
export async function withLab<T>(body: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = new Lab();
  try {
    return await body(lab);
  } finally {
    lab.close();
  }
}
