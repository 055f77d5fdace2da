import type { ErrorCode } from "../error-codes.js";
import type { JsonDocument } from "../json/document.js";
import { locate, type Position, type Wanted } from "../json/locate.js";
import { toPointer } from "../json/pointer.js";
import type { Problem } from "../problem.js";
import { printable } from "../text/printable.js";
import type { Place } from "./place.js";

/** More errors, or warnings, than this are not kept; shapes are then not checked any further. */
const KEPT_LIMIT = 10_000;

/** The words of a problem, and where else it points. */
export interface ProblemWords {
  readonly message: string;
  readonly fix: string;
  /** The problem stands at the name of this key of the place's object. */
  readonly key?: string;
  /** The other half of a clash, named after the message. */
  readonly other?: Place;
}

interface Entry extends ProblemWords {
  readonly place: Place;
  readonly code: ErrorCode;
}

/** What was found, in the order of files and lines. */
export interface ProblemList {
  readonly list: readonly Problem[];
  /** All that were found; the list holds the first 10000. */
  readonly count: number;
}

/** Collects errors and warnings; positions are looked up at the end, once a file. */
export class Problems {
  private readonly errors: Entry[] = [];
  private readonly warnings: Entry[] = [];
  private errorCount = 0;
  private warningCount = 0;

  /** Whether further errors would not be kept. */
  get isFull(): boolean {
    return this.errorCount >= KEPT_LIMIT;
  }

  /** Whether there is any error. */
  get hasErrors(): boolean {
    return this.errorCount > 0;
  }

  error(place: Place, code: ErrorCode, words: ProblemWords): void {
    if (++this.errorCount <= KEPT_LIMIT) {
      this.errors.push({ place, code, ...words });
    }
  }

  warn(place: Place, code: ErrorCode, words: ProblemWords): void {
    if (++this.warningCount <= KEPT_LIMIT) {
      this.warnings.push({ place, code, ...words });
    }
  }

  /** Errors with positions, those of the documents' texts included. */
  listErrors(documents: readonly JsonDocument[]): ProblemList {
    const ofTexts = documents.flatMap(({ file, problems }) =>
      problems.map((problem) => ({ file, ...problem })),
    );
    const list = sortByPlace([...ofTexts, ...resolve(this.errors)], documents);
    return { list, count: ofTexts.length + this.errorCount };
  }

  listWarnings(documents: readonly JsonDocument[]): ProblemList {
    return { list: sortByPlace(resolve(this.warnings), documents), count: this.warningCount };
  }
}

function resolve(entries: readonly Entry[]): Problem[] {
  const wanted = new Map<JsonDocument, Wanted[]>();
  const want = ({ document, path }: Place, key?: string) => {
    const list = wanted.get(document) ?? [];
    wanted.set(document, list);
    return list.push({ path, key }) - 1;
  };
  const slots = entries.map((entry) => ({
    entry,
    own: want(entry.place, entry.key),
    other: entry.other === undefined ? -1 : want(entry.other),
  }));
  const found = new Map<JsonDocument, Position[]>();
  for (const [document, list] of wanted) {
    found.set(document, locate(document.text, list));
  }
  const position = (place: Place, slot: number): Position =>
    found.get(place.document)?.[slot] ?? { line: 1, column: 1 };
  return slots.map(({ entry, own, other }) => ({
    file: entry.place.document.file,
    ...position(entry.place, own),
    code: entry.code,
    pointer: toPointer(entry.place.path),
    message:
      entry.message + (entry.other ? ` (${show(entry.other, position(entry.other, other))})` : ""),
    fix: entry.fix,
  }));
}

function show({ document }: Place, { line, column }: Position): string {
  return `${printable(document.file)}:${line}:${column}`;
}

function sortByPlace(problems: Problem[], documents: readonly JsonDocument[]): Problem[] {
  const order = new Map(documents.map(({ file }, index) => [file, index]));
  const rank = ({ file }: Problem) => order.get(file) ?? 0;
  return problems.sort((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
}
