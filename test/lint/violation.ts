/** One breach of a rule, at a line of a file (counted from 1). */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly problem: string;
}

/** A file to be checked; `path` is relative to the project's root, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}
