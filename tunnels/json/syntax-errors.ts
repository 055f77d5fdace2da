import { type ParseErrorCode, printParseErrorCode } from "jsonc-parser";
import type { ErrorCode } from "../error-codes.js";
import { quote } from "../text/printable.js";

type SyntaxErrorName = ReturnType<typeof printParseErrorCode>;

const EXPLANATIONS: Record<SyntaxErrorName, readonly [message: string, fix: string]> = {
  InvalidSymbol: [
    "is not a JSON value",
    "write a string in double quotes, a number, true, false or null",
  ],
  InvalidNumberFormat: ["is not a JSON number", "write digits alone"],
  PropertyNameExpected: [
    "stands where a key should",
    "write a key in double quotes, and no comma after the last entry",
  ],
  ValueExpected: [
    "stands where a value should",
    "write a value, and no comma after the last entry",
  ],
  ColonExpected: ["stands where a colon should", "write a colon between key and value"],
  CommaExpected: ["stands where a comma should", "write a comma between two entries"],
  CloseBraceExpected: ["stands where the object should end", "write the closing brace"],
  CloseBracketExpected: ["stands where the list should end", "write the closing bracket"],
  EndOfFileExpected: ["stands after the end of the document", "keep one JSON value a file"],
  InvalidCommentToken: ["is a comment, which JSON does not know", "take it out"],
  UnexpectedEndOfComment: ["is a comment that never ends", "take it out"],
  UnexpectedEndOfString: [
    "is a string that never ends",
    "close it with a double quote on the same line",
  ],
  UnexpectedEndOfNumber: ["is a number without its last digits", "write digits alone"],
  InvalidUnicode: ["has a bad \\u escape", "write \\u and four hexadecimal digits"],
  InvalidEscapeCharacter: ["has an unknown escape", "write \\\\ for a backslash"],
  InvalidCharacter: ["has a control character", "write it as an escape such as \\n or \\t"],
  "<unknown ParseErrorCode>": ["is not JSON", "write plain JSON"],
};

/** Says what is wrong with the token at `offset`, and what to write instead. */
export function explainSyntax(
  error: ParseErrorCode,
  text: string,
  offset: number,
  length: number,
): { code: ErrorCode; message: string; fix: string } {
  const name = printParseErrorCode(error);
  const [words, fix] = EXPLANATIONS[name];
  const token = text.slice(offset, offset + Math.max(length, 1));
  const subject = token === "" ? "the end of the file" : quote(token.split("\n", 1)[0] ?? "");
  const isComment = name === "InvalidCommentToken" || name === "UnexpectedEndOfComment";
  return { code: isComment ? "ADIT-1007" : "ADIT-1006", message: `${subject} ${words}`, fix };
}
