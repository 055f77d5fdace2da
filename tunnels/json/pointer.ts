/** Keys and list indexes that lead from a document's root to one of its values. */
export type JsonPath = readonly (string | number)[];

/** Writes a path as a JSON pointer (RFC 6901 §3). */
export function toPointer(path: JsonPath): string {
  return path
    .map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

/** Reads a JSON pointer (RFC 6901 §4); list indexes stay strings. */
export function fromPointer(pointer: string): string[] {
  const steps = pointer.split("/").slice(1);
  return steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}
