import { visit } from "jsonc-parser";
import type { JsonPath } from "./pointer.js";

/** 1-based line and column. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A place that is looked for: a value, or with `key` the name of that key in the object at `path`. */
export interface Wanted {
  readonly path: JsonPath;
  readonly key?: string | undefined;
}

interface TrieNode {
  readonly children: Map<string | number, TrieNode>;
  value?: Position;
  readonly keys: Map<string, Position>;
}

const START: Position = { line: 1, column: 1 };

function newNode(): TrieNode {
  return { children: new Map(), keys: new Map() };
}

/**
 * Finds the positions of values and keys in one pass over a JSON text, holding only what is
 * looked for: a tree of a large file would cost gigabytes. Of duplicate keys the last counts, as
 * in `JSON.parse`. A path that leads nowhere is at its last value that exists.
 */
export function locate(text: string, wanted: readonly Wanted[]): Position[] {
  const root = newNode();
  for (const { path } of wanted) {
    let node = root;
    for (const step of path) {
      let child = node.children.get(step);
      if (child === undefined) {
        child = newNode();
        node.children.set(step, child);
      }
      node = child;
    }
  }
  fillPositions(text, root);
  return wanted.map((place) => readPosition(root, place));
}

function readPosition(root: TrieNode, { path, key }: Wanted): Position {
  let node: TrieNode = root;
  let position = root.value ?? START;
  for (const step of path) {
    const child = node.children.get(step);
    if (child?.value === undefined) {
      return position;
    }
    node = child;
    position = child.value;
  }
  return key === undefined ? position : (node.keys.get(key) ?? position);
}

interface Frame {
  readonly node: TrieNode | undefined;
  /** Next index of a list; -1 in an object. */
  index: number;
  key: string;
}

function fillPositions(text: string, root: TrieNode): void {
  const frames: Frame[] = [];
  const nextNode = (): TrieNode | undefined => {
    const frame = frames[frames.length - 1];
    if (frame === undefined) {
      return root;
    }
    return frame.node?.children.get(frame.index < 0 ? frame.key : frame.index++);
  };
  const atValue = (line: number, column: number): TrieNode | undefined => {
    const node = nextNode();
    if (node !== undefined) {
      node.value = { line: line + 1, column: column + 1 };
    }
    return node;
  };
  visit(text, {
    onObjectBegin: (_offset, _length, line, column) => {
      frames.push({ node: atValue(line, column), index: -1, key: "" });
    },
    onObjectProperty: (key, _offset, _length, line, column) => {
      const frame = frames[frames.length - 1];
      if (frame !== undefined) {
        frame.key = key;
        frame.node?.keys.set(key, { line: line + 1, column: column + 1 });
      }
    },
    onObjectEnd: () => {
      frames.pop();
    },
    onArrayBegin: (_offset, _length, line, column) => {
      frames.push({ node: atValue(line, column), index: 0, key: "" });
    },
    onArrayEnd: () => {
      frames.pop();
    },
    onLiteralValue: (_value, _offset, _length, line, column) => {
      atValue(line, column);
    },
  });
}
