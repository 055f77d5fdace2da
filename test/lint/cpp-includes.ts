import { CPP_LIBRARIES, CPP_REACH } from "./layers.js";
import type { SourceFile, Violation } from "./violation.js";

const INCLUDE = /^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]/;

/**
 * Finds every include of a C or C++ file that its folder may not make. Tests may include all folders
 * but the binding, and any library but Node-API: they run without Node.
 */
export function checkIncludes(file: SourceFile): Violation[] {
  const folder = folderOf(file.path);
  const violations: Violation[] = [];
  file.text.split("\n").forEach((text, index) => {
    const [, , header] = INCLUDE.exec(text) ?? [];
    if (header === undefined) return;
    const problem = problemOf(folder, header);
    if (problem !== undefined) violations.push({ path: file.path, line: index + 1, problem });
  });
  if (folder !== "test" && CPP_REACH[folder] === undefined) {
    violations.push({
      path: file.path,
      line: 1,
      problem: `folder native/${folder} has no rule in layers.ts`,
    });
  }
  return violations;
}

/** `port` for `native/port/...`, `test` for the tests. */
function folderOf(path: string): string {
  const [top = "", folder = ""] = path.split("/");
  return top === "native" ? folder : "test";
}

function problemOf(folder: string, header: string): string | undefined {
  for (const { name, header: pattern, folders } of CPP_LIBRARIES) {
    if (!pattern.test(header) || folders.includes(folder)) continue;
    if (folder === "test" && name !== "Node-API") continue;
    return `${folder} may not know ${name} (<${header}>): only ${folders.join(" and ")} may`;
  }
  if (header.includes("../")) return `includes are written from native/, not "${header}"`;
  const [target = "", rest] = header.split("/");
  if (rest === undefined || CPP_REACH[target] === undefined || target === folder) return undefined;
  if (folder === "test") return target === "binding" ? "tests may not include binding" : undefined;
  if (CPP_REACH[folder]?.includes(target)) return undefined;
  return `${folder} may not include ${target} ("${header}")`;
}
