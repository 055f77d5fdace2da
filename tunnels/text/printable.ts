/** Longest piece of a file's own text that a message quotes, in UTF-16 units. */
const QUOTE_LIMIT = 60;

/** Escapes what could move a terminal's cursor, break a line or turn the reading direction. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return point > 0xffff
      ? `\\u{${point.toString(16)}}`
      : `\\u${point.toString(16).padStart(4, "0")}`;
  });
}

/** A value as JSON, cut to a length that fits a message. */
export function quote(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value) ? "a list" : "an object";
  }
  const isLong = typeof value === "string" && value.length > QUOTE_LIMIT;
  return printable(
    JSON.stringify(isLong ? `${value.slice(0, QUOTE_LIMIT)}...` : value) ?? "nothing",
  );
}
