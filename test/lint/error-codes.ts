import type { SourceFile, Violation } from "./violation.js";

const REGISTERED = /^\s*"(ADIT-\d{4})":/;
const IN_CPP = /"(ADIT-\d{4})"(?:, (?:std::string\()?"([^"]*)")?/g;

interface Home {
  readonly code: string;
  readonly path: string;
  readonly line: number;
  /** Homes that share one of these, and no registry, mean the same. */
  readonly meanings: readonly string[];
}

/**
 * Finds error codes that mean two things. A code is at home where it is a key of a TypeScript list, or
 * where C++ gives it: in one folder of `native/`, or in several with the same opening words.
 */
export function checkErrorCodes(files: readonly SourceFile[]): Violation[] {
  const homes = new Map<string, Home>();
  const violations: Violation[] = [];
  for (const home of files.flatMap(homesIn)) {
    const first = homes.get(home.code);
    if (first === undefined) homes.set(home.code, home);
    else if (!first.meanings.some((meaning) => home.meanings.includes(meaning))) {
      const problem = `${home.code} is already given by ${first.path}:${first.line}`;
      violations.push({ path: home.path, line: home.line, problem });
    }
  }
  return violations;
}

function homesIn({ path, text }: SourceFile): Home[] {
  const folder = path.split("/").slice(0, 2).join("/");
  return text.split("\n").flatMap((content, index) => {
    const at = { path, line: index + 1 };
    if (path.endsWith(".ts")) {
      const code = REGISTERED.exec(content)?.[1];
      return code === undefined ? [] : [{ code, ...at, meanings: [] }];
    }
    if (content.trimStart().startsWith("//")) return [];
    return [...content.matchAll(IN_CPP)].map(([, code = "", opening]) => {
      const meanings = opening === undefined ? [folder] : [folder, opening];
      return { code, ...at, meanings };
    });
  });
}
