import type { SourceFile, Violation } from "./violation.js";

const MOST_LINES = 400;

/** Finds files that hold more than one idea can need. Lists of data may be long. */
export function checkLength(file: SourceFile): Violation[] {
  const lines = file.text.split("\n").length - 1;
  if (lines <= MOST_LINES) return [];
  return [
    { path: file.path, line: MOST_LINES, problem: `${lines} lines; split past ${MOST_LINES}` },
  ];
}
