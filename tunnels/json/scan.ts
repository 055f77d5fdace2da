import { type JSONVisitor, type ParseErrorCode, visit } from "jsonc-parser";
import type { ErrorCode } from "../error-codes.js";
import { quote } from "../text/printable.js";
import { DEPTH_LIMIT, VALUE_LIMIT } from "./limits.js";
import { type JsonPath, toPointer } from "./pointer.js";
import { explainSyntax } from "./syntax-errors.js";
import { isWholeNumber, wholeNumberFix } from "./whole-number.js";

/** After so many, later syntax errors are most often the echo of the first ones. */
const SYNTAX_ERROR_LIMIT = 10;
/** A file with more text errors than this is given up. */
const PROBLEM_LIMIT = 1000;

/** An error of the text itself; `line` and `column` are 1-based. */
export interface TextProblem {
  readonly code: ErrorCode;
  readonly pointer: string;
  readonly message: string;
  readonly fix: string;
  readonly line: number;
  readonly column: number;
}

export interface ScanResult {
  readonly problems: readonly TextProblem[];
  /** False: the text is not JSON, or too deep or too large to be used. */
  readonly usable: boolean;
  /** Pointers of numbers that are not written as whole numbers. */
  readonly inexactNumbers: ReadonlySet<string>;
}

/**
 * Goes once over a JSON text without building anything, and finds what `JSON.parse` would swallow
 * (duplicate keys, numbers that only round to whole ones) or would report without a place.
 */
export function scanJson(text: string): ScanResult {
  const scan = new Scan(text);
  try {
    visit(text, scan.visitor(), {
      disallowComments: true,
      allowTrailingComma: false,
      allowEmptyContent: false,
    });
  } catch (error) {
    if (!(error instanceof GiveUp)) {
      throw error;
    }
  }
  return scan;
}

class GiveUp extends Error {}

class Scan implements ScanResult {
  readonly problems: TextProblem[] = [];
  readonly inexactNumbers = new Set<string>();
  usable = true;
  private readonly text: string;
  /** Keys seen in the open object of each depth; reused, since objects are many. */
  private readonly keysByDepth: Set<string>[] = [];
  private depth = 0;
  private values = 0;
  private syntaxErrors = 0;
  /** Set from a syntax error to the next piece of sound JSON: errors between are its echo. */
  private isEcho = false;

  constructor(text: string) {
    this.text = text;
  }

  visitor(): JSONVisitor {
    const leave = () => {
      this.depth--;
    };
    return {
      onObjectBegin: (_offset, _length, line, column) => {
        this.enter(line, column);
        this.keysByDepth[this.depth]?.clear();
      },
      onObjectEnd: leave,
      onArrayBegin: (_offset, _length, line, column) => this.enter(line, column),
      onArrayEnd: leave,
      onObjectProperty: (key, _offset, _length, line, column, path) =>
        this.property(key, line, column, path),
      onLiteralValue: (value, offset, length, line, column, path) => {
        this.countValue(line, column);
        if (typeof value === "number" && !isWholeNumber(this.text, offset, length)) {
          const literal = this.text.slice(offset, offset + Math.min(length, 40));
          this.inexactNumber(value, literal, toPointer(path()), line, column);
        }
      },
      onError: (error, offset, length, line, column) =>
        this.syntaxError(error, offset, length, line, column),
    };
  }

  private add(code: ErrorCode, pointer: string, words: readonly [string, string], at: Position0) {
    const [message, fix] = words;
    const [line, column] = at;
    this.problems.push({ code, pointer, message, fix, line: line + 1, column: column + 1 });
    if (this.problems.length >= PROBLEM_LIMIT) {
      this.giveUp();
    }
  }

  private giveUp(): never {
    this.usable = false;
    throw new GiveUp();
  }

  private countValue(line: number, column: number): void {
    this.isEcho = false;
    if (++this.values > VALUE_LIMIT) {
      const message = `the file holds more than ${VALUE_LIMIT} values`;
      this.add("ADIT-1009", "", [message, "split it into several files"], [line, column]);
      this.giveUp();
    }
  }

  private enter(line: number, column: number): void {
    this.countValue(line, column);
    if (++this.depth > DEPTH_LIMIT) {
      const message = `objects and lists are nested more than ${DEPTH_LIMIT} deep`;
      this.add("ADIT-1008", "", [message, "close them earlier"], [line, column]);
      this.giveUp();
    }
  }

  private property(key: string, line: number, column: number, path: () => JsonPath): void {
    this.isEcho = false;
    this.keysByDepth[this.depth] ??= new Set();
    const keys = this.keysByDepth[this.depth];
    if (keys?.has(key)) {
      const message = `the key ${quote(key)} is given twice in this object`;
      const pointer = toPointer([...path(), key]);
      this.add("ADIT-1010", pointer, [message, "keep one of them"], [line, column]);
    }
    keys?.add(key);
  }

  private inexactNumber(
    value: number,
    literal: string,
    pointer: string,
    line: number,
    column: number,
  ): void {
    this.inexactNumbers.add(pointer);
    const message = `${literal} is not written as a whole number`;
    this.add("ADIT-1202", pointer, [message, wholeNumberFix(value)], [line, column]);
  }

  private syntaxError(
    error: ParseErrorCode,
    offset: number,
    length: number,
    line: number,
    column: number,
  ): void {
    this.usable = false;
    if (this.isEcho) {
      return;
    }
    this.isEcho = true;
    const { code, message, fix } = explainSyntax(error, this.text, offset, length);
    this.add(code, "", [message, fix], [line, column]);
    if (++this.syntaxErrors >= SYNTAX_ERROR_LIMIT) {
      this.giveUp();
    }
  }
}

/** 0-based line and column, as the scanner counts. */
type Position0 = readonly [line: number, column: number];
