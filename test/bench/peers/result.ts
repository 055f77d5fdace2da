/** Results of a run, as they are kept and as rows are made of them. */
import { cpus, loadavg, release } from "node:os";

/** What one peer did in one scenario of one round. */
export interface Sample {
  /** Frames a second that came out at the other side. */
  readonly rate: number;
  /** The share of a processor that other programs took meanwhile. */
  readonly others?: number;
  /** Seconds of both processors for each of them, without writing them. */
  readonly cpu?: number;
  readonly cpuOthers?: number;
}

/** By peer and scenario, a value a round; undefined where a round gave none. */
export type Samples = ReadonlyMap<string, readonly (Sample | undefined)[]>;

export interface Skipped {
  readonly what: string;
  readonly why: string;
}

/** Figures that are no packet rates: cycles in memory, idle load, latency. By name. */
export type Figures = ReadonlyMap<string, readonly number[]>;

export interface Result {
  readonly samples: Samples;
  readonly figures: Figures;
  readonly skipped: readonly Skipped[];
}

export interface Machine {
  readonly cpu: string;
  readonly processors: number;
  readonly kernel: string;
  /** Before anything was measured. */
  readonly loadAverage: readonly number[];
}

export function thisMachine(): Machine {
  const all = cpus();
  const cpu = all[0]?.model ?? "unknown";
  return { cpu, processors: all.length, kernel: release(), loadAverage: loadavg() };
}

export function keyOf(peer: string, scenario: string): string {
  return `${peer}: ${scenario}`;
}

export function formatResult(machine: Machine, options: unknown, result: Result): string {
  const { samples, figures, skipped } = result;
  const document = {
    machine,
    options,
    samples: Object.fromEntries(samples),
    figures: Object.fromEntries(figures),
    skipped,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
