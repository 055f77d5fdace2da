import { posix } from "node:path";
import ts from "typescript";
import { TYPESCRIPT_REACH } from "./layers.js";
import type { SourceFile, Violation } from "./violation.js";

interface Import {
  readonly specifier: string;
  readonly typesOnly: boolean;
  readonly line: number;
}

/** Finds every import of a TypeScript file that its folder may not make. */
export function checkTypeScriptImports(file: SourceFile): Violation[] {
  const from = topFolder(file.path);
  const reach = TYPESCRIPT_REACH[from];
  if (reach === undefined) {
    return [{ path: file.path, line: 1, problem: `folder ${from} has no rule in layers.ts` }];
  }
  const violations: Violation[] = [];
  for (const { specifier, typesOnly, line } of importsOf(file)) {
    if (!specifier.startsWith(".")) continue;
    const target = posix.normalize(posix.join(posix.dirname(file.path), specifier));
    const to = topFolder(target);
    // A file beside package.json belongs to no layer.
    if (!target.includes("/")) continue;
    if (reach[to] === "all" || (reach[to] === "types" && typesOnly)) continue;
    const what = reach[to] === "types" ? `values of ${to} (types are allowed)` : to;
    violations.push({ path: file.path, line, problem: `${from} may not import ${what}` });
  }
  return violations;
}

function topFolder(path: string): string {
  return path.split("/")[0] ?? "";
}

function importsOf(file: SourceFile): Import[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2022, true);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push({ specifier, typesOnly: isTypesOnly(node), line: line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  let module: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) module = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    module = node.argument.literal;
  } else if (ts.isCallExpression(node) && isLoader(node.expression)) module = node.arguments[0];
  return module !== undefined && ts.isStringLiteralLike(module) ? module.text : undefined;
}

/** `import()`, and `require` made by `createRequire`. */
function isLoader(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  return ts.isIdentifier(callee) && callee.text === "require";
}

function isTypesOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) {
    const names = node.exportClause;
    if (node.isTypeOnly) return true;
    return names !== undefined && ts.isNamedExports(names) && allTypes(names.elements);
  }
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return false;
  const { phaseModifier, name, namedBindings } = node.importClause;
  if (phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  if (name !== undefined || namedBindings === undefined) return false;
  return ts.isNamedImports(namedBindings) && allTypes(namedBindings.elements);
}

function allTypes(elements: readonly { readonly isTypeOnly: boolean }[]): boolean {
  return elements.length > 0 && elements.every((element) => element.isTypeOnly);
}
