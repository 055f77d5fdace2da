/** What `adit show drops -j` prints; the same counts as `counters.json` of `adit replay`. */
export interface Counters {
  readonly received: Readonly<Record<string, number>>;
  readonly sent: Readonly<Record<string, number>>;
  readonly kernel: Readonly<Record<string, number>>;
  readonly generated: number;
  readonly consumed: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** Both sides of the sum that must hold: every frame that came or was made went somewhere. */
export interface Accounting {
  readonly in: number;
  readonly out: number;
  /** The sum, written out with its numbers. */
  readonly sentence: string;
}

export function accounting(counters: Counters): Accounting {
  const received = total(counters.received);
  const sent = total(counters.sent);
  const kernel = total(counters.kernel);
  const dropped = total(counters.dropped);
  const { generated, consumed } = counters;
  return {
    in: received + generated,
    out: sent + kernel + consumed + dropped,
    sentence:
      `received ${received} + generated ${generated} = ` +
      `sent ${sent} + kernel ${kernel} + consumed ${consumed} + dropped ${dropped}`,
  };
}

export function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** What one worker's frames are doing; every frame is in exactly one place. */
export interface FrameCounts {
  readonly total: number;
  readonly free: number;
  readonly fill: number;
  readonly rx: number;
  readonly held: number;
  readonly tx: number;
  readonly completion: number;
}

/** How many frames of a worker are unaccounted for: 0, or frames leaked (or counted twice). */
export function missingFrames(frames: FrameCounts): number {
  const { free, fill, rx, held, tx, completion } = frames;
  return frames.total - (free + fill + rx + held + tx + completion);
}
