/** The parts of a draft-07 schema that this project's schemas use. */
export interface PlainSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly PlainSchema[];
  readonly oneOf?: readonly PlainSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, PlainSchema>>;
}

/** `a, b or c`. */
export function orList(words: readonly string[]): string {
  const last = words[words.length - 1] ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

/** What a schema takes, in words that follow "write". */
export function describeSchema(schema: PlainSchema): string {
  if (schema.anyOf !== undefined) {
    return orList(schema.anyOf.map(describeSchema));
  }
  if (schema.enum !== undefined) {
    return orList(schema.enum.map((value) => JSON.stringify(value)));
  }
  if (schema.const !== undefined) {
    return JSON.stringify(schema.const);
  }
  switch (schema.type) {
    case "integer":
      return `a whole number ${schema.minimum}-${schema.maximum}`;
    case "boolean":
      return "true or false";
    case "array":
      return schema.maxItems === 2 ? "a list of two" : "a list";
    case "object":
      return "an object";
    default:
      return describeText(schema.title);
  }
}

function describeText(title: string | undefined): string {
  if (title === undefined) {
    return "a text in double quotes";
  }
  return title === "reference"
    ? "its name in double quotes"
    : `${article(title)} ${title} in double quotes`;
}

function article(word: string): string {
  return /^[aeioI]/.test(word) ? "an" : "a";
}
