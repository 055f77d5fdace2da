import { formatProblem, type Problem } from "./problem.js";

/** How many problems are printed in full. */
const SHOWN_LIMIT = 100;

/** One line a problem, and after the first 100 one line that counts the rest. */
export function formatProblems(problems: readonly Problem[], count: number): string[] {
  const lines = problems.slice(0, SHOWN_LIMIT).map(formatProblem);
  const rest = count - lines.length;
  return rest > 0 ? [...lines, `and ${rest} more`] : lines;
}
