import type { ErrorObject } from "ajv";
import type { PlainSchema } from "./describe.js";

/**
 * Leaves of Ajv's errors those that say something by themselves. A failed union is reported as
 * the errors of every branch, then one of the union: what stays are either the errors of the
 * branch that the value's kind points to, or the union's own.
 */
export function pickErrors(errors: readonly ErrorObject[]): ErrorObject[] {
  return pickTypeErrors(pickUnionErrors(errors));
}

/** A value of the wrong kind is none of the allowed ones either: that goes without saying. */
function pickTypeErrors(errors: readonly ErrorObject[]): ErrorObject[] {
  const wrongKinds = new Set(
    errors.filter(({ keyword }) => keyword === "type").map(({ instancePath }) => instancePath),
  );
  return errors.filter(
    ({ keyword, instancePath }) => keyword !== "enum" || !wrongKinds.has(instancePath),
  );
}

function pickUnionErrors(errors: readonly ErrorObject[]): ErrorObject[] {
  const kept: ErrorObject[] = [];
  for (const error of errors) {
    if (error.keyword !== "anyOf") {
      kept.push(error);
      continue;
    }
    const ofBranches = takeBranchErrors(kept, error);
    const branch = matchingBranch(error);
    const prefix = `${error.schemaPath}/${branch}/`;
    const ofBranch = ofBranches.filter(({ schemaPath }) => schemaPath.startsWith(prefix));
    kept.push(...(ofBranch.length > 0 ? ofBranch : [error]));
  }
  return kept;
}

/** Ajv puts the branches' errors directly in front of the union's. */
function takeBranchErrors(kept: ErrorObject[], union: ErrorObject): ErrorObject[] {
  const isInside = ({ schemaPath, instancePath }: ErrorObject) =>
    schemaPath.startsWith(`${union.schemaPath}/`) && instancePath.startsWith(union.instancePath);
  let start = kept.length;
  for (let last = kept[start - 1]; last !== undefined && isInside(last); last = kept[start - 1]) {
    start--;
  }
  return kept.splice(start);
}

/** The branch that takes values of this kind in general, so that only details can be wrong. */
function matchingBranch(union: ErrorObject): number {
  const kind = jsonKind(union.data);
  const branches = union.schema as readonly PlainSchema[];
  return branches.findIndex((branch) => branch.const === undefined && branch.type === kind);
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) {
    return "array";
  }
  return typeof value === "number" ? "integer" : typeof value;
}
