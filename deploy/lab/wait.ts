import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/**
 * Asks `check` again and again until it gives a value, and returns that value.
 * `undefined` and `false` mean "not yet"; so does a throw, whose message is kept for the report.
 *
 * @throws {Error} naming `what`, the time waited and the last error, when the time is over.
 */
export async function waitFor<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 10_000, intervalMs = 50 }: WaitOptions = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let reason = "";
  for (;;) {
    try {
      const value = await check();
      if (value !== undefined && value !== false) return value;
      reason = "";
    } catch (error) {
      reason = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() >= deadline) throw new Error(`no ${what} within ${timeoutMs} ms${reason}`);
    await sleep(intervalMs);
  }
}
