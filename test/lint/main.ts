/** Checks what compilers and formatters do not: who imports whom, error codes, length of files. */
import { fileURLToPath } from "node:url";
import { checkIncludes } from "./cpp-includes.js";
import { checkErrorCodes } from "./error-codes.js";
import { checkLength } from "./file-length.js";
import { readSources } from "./source-files.js";
import { checkTypeScriptImports } from "./ts-imports.js";
import type { Violation } from "./violation.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const typescript = readSources(root, ["deploy", "gateway", "native", "test", "tunnels"], [".ts"]);
const cpp = readSources(root, ["native", "test"], [".h", ".cc", ".c", ".def"]);
const program = [...typescript, ...cpp].filter(({ path }) =>
  /^(gateway|native|tunnels)\//.test(path),
);

const errors = [
  ...typescript.flatMap(checkTypeScriptImports),
  ...cpp.flatMap(checkIncludes),
  ...checkErrorCodes(program),
];
const warnings = [...typescript, ...cpp].flatMap(checkLength);

function tell(kind: string, { path, line, problem }: Violation): void {
  process.stderr.write(`${path}:${line}: ${kind}: ${problem}\n`);
}
for (const warning of warnings) tell("warning", warning);
for (const error of errors) tell("error", error);
process.stdout.write(
  `${typescript.length} TypeScript and ${cpp.length} C++ files: ` +
    `${errors.length} errors, ${warnings.length} warnings\n`,
);
process.exitCode = errors.length === 0 && typescript.length > 0 && cpp.length > 0 ? 0 : 1;
