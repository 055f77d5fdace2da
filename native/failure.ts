/** What the addon throws when something could not be set up: what failed and how to mend it. */
export interface NativeFailure extends Error {
  /** Stable, such as `ADIT-2104`. */
  readonly code: string;
  /** One sentence or a command. */
  readonly fix: string;
}

export function isNativeFailure(error: unknown): error is NativeFailure {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.startsWith("ADIT-") &&
    "fix" in error &&
    typeof error.fix === "string"
  );
}
