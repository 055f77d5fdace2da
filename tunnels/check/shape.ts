import type { ErrorObject, ValidateFunction } from "ajv";
import { fromPointer, type JsonPath, toPointer } from "../json/pointer.js";
import { explainShape } from "../schema/explain.js";
import { pickErrors } from "../schema/pick-errors.js";
import type { Draft } from "./draft.js";
import { at, type Place } from "./place.js";
import type { Problems } from "./problems.js";

/** Values of one checked piece; more would make more errors than anyone reads. */
const WEIGHT_LIMIT = 200_000;

/**
 * Checks a value against its schema, reports every error, and takes what is wrong out of the
 * value, so that what remains can be checked for meaning. Undefined: nothing remains.
 * @param apart keys of the value that are checked apart from it
 */
export function checkShape<T>(
  place: Place,
  value: unknown,
  validate: ValidateFunction,
  problems: Problems,
  apart: readonly string[] = [],
): Draft<T> | undefined {
  // Every value takes a character of the text at least.
  const mayBeHeavy = place.document.text.length > WEIGHT_LIMIT;
  if (mayBeHeavy && isHeavier(value, WEIGHT_LIMIT, apart)) {
    const message = `it holds more than ${WEIGHT_LIMIT} values`;
    problems.error(place, "ADIT-1009", { message, fix: "leave out what is not needed" });
    return undefined;
  }
  const holder = { value };
  if (!validate(value)) {
    const errors = pickErrors(validate.errors ?? []);
    for (const error of errors) {
      report(place, value, error, problems);
    }
    for (const error of errors) {
      takeOut(holder, error);
    }
  }
  return holder.value as Draft<T> | undefined;
}

/** Takes what is wrong out of a value, in place, without a report. */
export function dropWrong(value: unknown, validate: ValidateFunction): void {
  if (!validate(value)) {
    for (const error of pickErrors(validate.errors ?? [])) {
      takeOut({ value }, error);
    }
  }
}

/** Checks the entries of a list one by one, in place, and ends the list once errors abound. */
export function checkEntries(
  place: Place,
  list: unknown,
  check: (place: Place, entry: unknown) => unknown,
  problems: Problems,
): void {
  if (!Array.isArray(list)) {
    return;
  }
  for (let index = 0; index < list.length; index++) {
    if (problems.isFull) {
      list.length = index;
      return;
    }
    list[index] = check(at(place, index), list[index]);
  }
}

/** Whether a value holds more than so many values, `apart` not counted. */
function isHeavier(value: unknown, limit: number, apart: readonly string[]): boolean {
  const open: unknown[] = [value];
  let weight = 0;
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null) {
      continue;
    }
    for (const [key, entry] of Object.entries(next)) {
      if (next === value && apart.includes(key)) {
        continue;
      }
      if (++weight > limit) {
        return true;
      }
      if (typeof entry === "object") {
        open.push(entry);
      }
    }
  }
  return false;
}

function report(place: Place, value: unknown, error: ErrorObject, problems: Problems): void {
  const where = at(place, ...pathOf(value, errorPointer(error)));
  if (place.document.inexactNumbers.has(toPointer(where.path))) {
    return;
  }
  const { code, ...words } = explainShape(error);
  problems.error(where, code, words);
}

/** A wrong `type` of a tunnel is reported at that key, a missing one at the tunnel. */
function errorPointer(error: ErrorObject): string {
  const isWrongTag = error.keyword === "discriminator" && error.params["tagValue"] !== undefined;
  return isWrongTag ? `${error.instancePath}/type` : error.instancePath;
}

/** List indexes as numbers, as the locator wants them. */
function pathOf(root: unknown, pointer: string): JsonPath {
  let value = root;
  return fromPointer(pointer).map((step) => {
    const isList = Array.isArray(value);
    value = (value as Record<string, unknown> | undefined)?.[step];
    return isList ? Number(step) : step;
  });
}

function takeOut(holder: { value: unknown }, error: ErrorObject): void {
  if (error.keyword === "required") {
    return;
  }
  const steps = fromPointer(errorPointer(error));
  if (error.keyword === "additionalProperties") {
    steps.push(String(error.params["additionalProperty"]));
  }
  let parent: unknown = holder;
  let last = "value";
  for (const step of steps) {
    parent = (parent as Record<string, unknown>)[last];
    last = step;
    if (typeof parent !== "object" || parent === null) {
      return;
    }
  }
  // Assigned, not deleted: the indexes of a list's other entries stay as they are.
  Object.defineProperty(parent, last, { value: undefined, writable: true, enumerable: true });
}
