import type { ErrorObject } from "ajv";
import type { ErrorCode } from "../error-codes.js";
import { nearest } from "../text/nearest.js";
import { quote } from "../text/printable.js";
import { describeSchema, orList, type PlainSchema } from "./describe.js";
import { TEXT_KINDS } from "./parts.js";

/** A schema error in our words. */
export interface ShapeProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
  /** The error stands at the name of this key of the object. */
  readonly key?: string;
}

/** Says what breaks the schema, and what to write instead. */
export function explainShape(error: ErrorObject): ShapeProblem {
  const schema = error.parentSchema as PlainSchema;
  switch (error.keyword) {
    case "additionalProperties":
      return unknownKey(String(error.params["additionalProperty"]), schema);
    case "required":
      return missingKey(String(error.params["missingProperty"]), schema);
    case "discriminator":
      return wrongType(error, schema);
    case "minimum":
    case "maximum":
      return outOfRange(error, schema);
    case "pattern":
    case "minLength":
    case "maxLength":
      return wrongText(error, schema);
    case "minItems":
    case "maxItems":
      return wrongLength(error, schema);
    case "enum":
    case "const":
      return notAllowed("ADIT-1104", error.data, schema);
    case "anyOf":
      return notAllowed(unionCode(error, schema), error.data, schema);
    default:
      return notAllowed("ADIT-1103", error.data, schema);
  }
}

function unknownKey(key: string, schema: PlainSchema): ShapeProblem {
  const known = Object.keys(schema.properties ?? {});
  const meant = nearest(key, known);
  const fix =
    meant === undefined
      ? `take it out; known keys here: ${known.join(", ")}`
      : `did you mean "${meant}"?`;
  return { code: "ADIT-1101", message: `unknown key ${quote(key)}`, fix, key };
}

function missingKey(key: string, schema: PlainSchema): ShapeProblem {
  const wanted = schema.properties?.[key];
  const value = wanted === undefined ? "" : `: ${describeSchema(wanted)}`;
  return { code: "ADIT-1102", message: `the key "${key}" is missing`, fix: `add "${key}"${value}` };
}

function wrongType(error: ErrorObject, schema: PlainSchema): ShapeProblem {
  const types = (schema.oneOf ?? []).map((branch) => String(branch.properties?.["type"]?.const));
  const words = orList(types.map((type) => `"${type}"`));
  const value: unknown = error.params["tagValue"];
  if (value === undefined) {
    return { code: "ADIT-1102", message: 'the key "type" is missing', fix: `add "type": ${words}` };
  }
  const meant = typeof value === "string" ? nearest(value, types) : undefined;
  const fix = meant === undefined ? `write ${words}` : `did you mean "${meant}"?`;
  const code = typeof value === "string" ? "ADIT-1104" : "ADIT-1103";
  return { code, message: `${quote(value)} is not a type of tunnel`, fix };
}

function outOfRange(error: ErrorObject, schema: PlainSchema): ShapeProblem {
  const size = error.keyword === "minimum" ? "small" : "large";
  const message = `${quote(error.data)} is too ${size}`;
  return { code: "ADIT-1203", message, fix: `write ${describeSchema(schema)}` };
}

const TEXT_RULES: Readonly<Record<string, readonly [code: ErrorCode, fix: string]>> = {
  [TEXT_KINDS.name]: [
    "ADIT-1201",
    "write 1-64 letters, digits and . _ : @ + -, with a letter or digit first",
  ],
  [TEXT_KINDS.portName]: [
    "ADIT-1201",
    'write 1-64 of A-Z a-z 0-9 . _ -, with a letter or digit first and not ".kernel" last',
  ],
  [TEXT_KINDS.interfaceName]: ["ADIT-1206", "write the 1-15 characters that `ip link` shows"],
  [TEXT_KINDS.mac]: ["ADIT-1204", "write one such as 02:00:00:00:00:01"],
  "IP address": ["ADIT-1207", 'write one such as "192.0.2.1" or "2001:db8::1"'],
  "IP prefix": ["ADIT-1208", 'write one such as "192.0.2.0/24" or "2001:db8::/32"'],
};

function wrongText(error: ErrorObject, schema: PlainSchema): ShapeProblem {
  const title = schema.title ?? "text";
  const [code, fix] = TEXT_RULES[title] ?? ["ADIT-1107", lengthFix(schema)];
  const noun = title === "reference" || title === "text" ? "text of a fitting length" : title;
  return { code, message: `${quote(error.data)} is no ${noun}`, fix };
}

function lengthFix(schema: PlainSchema): string {
  return `write 1-${schema.maxLength} characters`;
}

function wrongLength(error: ErrorObject, schema: PlainSchema): ShapeProblem {
  const length = Array.isArray(error.data) ? error.data.length : 0;
  if (length === 0) {
    return { code: "ADIT-1105", message: "the list is empty", fix: neededItems(schema) };
  }
  return { code: "ADIT-1106", message: `the list has ${length} entries`, fix: neededItems(schema) };
}

function neededItems({ minItems, maxItems }: PlainSchema): string {
  if (maxItems === undefined) {
    return `write ${minItems} or more, or leave the key out`;
  }
  return minItems === maxItems ? `write ${minItems}` : `write ${maxItems} at most`;
}

/** A word among words is a wrong word; any other mismatch is a wrong kind of value. */
function unionCode(error: ErrorObject, schema: PlainSchema): ErrorCode {
  const words = (schema.anyOf ?? []).some((branch) => typeof branch.const === "string");
  return typeof error.data === "string" && words ? "ADIT-1104" : "ADIT-1103";
}

function notAllowed(code: ErrorCode, value: unknown, schema: PlainSchema): ShapeProblem {
  const kind = code === "ADIT-1103" ? "of the right kind" : "allowed";
  const words = (schema.enum ?? schema.anyOf?.map((branch) => branch.const) ?? []).filter(
    (word) => typeof word === "string",
  );
  const meant = typeof value === "string" ? nearest(value, words) : undefined;
  const fix = meant === undefined ? `write ${describeSchema(schema)}` : `did you mean "${meant}"?`;
  return { code, message: `${quote(value)} is not ${kind} here`, fix };
}
