export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export type JsonObject = { readonly [key: string]: JsonValue };

/** A JSON document as a person would write a small one: a line for each key of the top level. */
export function formatJsonFile(document: JsonObject): string {
  const lines = Object.entries(document).map(([key, value]) => `  "${key}": ${onOneLine(value)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

function onOneLine(value: JsonValue): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map(onOneLine).join(", ");
    return value.every((item) => typeof item !== "object") ? `[${items}]` : `[ ${items} ]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, item]) => `"${key}": ${onOneLine(item)}`);
  return `{ ${members.join(", ")} }`;
}
