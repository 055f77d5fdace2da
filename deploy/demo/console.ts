import { inspect } from "node:util";

const coloured = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;

function paint(style: "bold" | "dim" | "green" | "red", text: string): string {
  const [on, off] = inspect.colors[style] ?? [0, 0];
  return coloured ? `\x1b[${on}m${text}\x1b[${off}m` : text;
}

export function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** Announces what happens next. */
export function step(text: string): void {
  say(`${paint("bold", "==>")} ${text}`);
}

export function detail(text: string): void {
  for (const line of text.trimEnd().split("\n")) say(`    ${paint("dim", line)}`);
}

/** Checks so far; the demo succeeded when every one of them did. */
export class Checks {
  readonly #failed: string[] = [];
  #count = 0;

  /** Counts and prints one check. `found` says what was seen, good or bad. */
  check(ok: boolean, what: string, found: string): void {
    this.#count++;
    if (!ok) this.#failed.push(`${what}: ${found}`);
    say(`    ${ok ? paint("green", "ok    ") : paint("red", "FAILED")} ${what}: ${found}`);
  }

  get failed(): readonly string[] {
    return this.#failed;
  }

  summary(): string {
    if (this.#failed.length === 0) return paint("green", `All ${this.#count} checks passed.`);
    const lines = this.#failed.map((failure) => `  - ${failure}`);
    const count = `${this.#failed.length} of ${this.#count} checks failed:`;
    return `${paint("red", count)}\n${lines.join("\n")}`;
  }
}
