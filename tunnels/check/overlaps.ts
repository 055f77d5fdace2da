import type { AddressRange } from "../address/prefix.js";

/** What can overlap: some ranges, each that of a prefix, and an id that tells packets apart. */
export interface Ranged {
  readonly sources: readonly AddressRange[];
  readonly id?: number | undefined;
}

/** One range of an item; `order` is the item's place in the list. */
interface Entry extends AddressRange {
  readonly order: number;
  readonly id: number | undefined;
}

/** Of what encloses the next entry, that of the earliest item: of all, and of those without id. */
interface Enclosing {
  readonly last: string;
  readonly earliest: Entry;
  readonly earliestOpen: Entry | undefined;
}

/**
 * Finds items that overlap: an address is in a range of both, and their ids are equal or one of
 * them has none. Gives every later item that overlaps an earlier one, once, with one such; where
 * one without id overlaps several of different ids, at least itself or the first of them.
 * In time n log n for n ranges.
 */
export function findOverlaps<T extends Ranged>(items: readonly T[]): (readonly [T, T])[] {
  if (items.length < 2) {
    return [];
  }
  const entries = items
    .flatMap(({ sources, id }, order) =>
      sources.map(({ first, last }): Entry => ({ first, last, order, id })),
    )
    .sort(compareEntries);
  const found = new Map<number, number>();
  if (entries.some(({ id }) => id === undefined)) {
    sweep(entries, found, (around, { id }) =>
      id === undefined ? around.earliest : around.earliestOpen,
    );
  }
  for (const sameId of byId(entries)) {
    sweep(sameId, found, ({ earliest }) => earliest);
  }
  return [...found].flatMap(([later, earlier]) => {
    const [a, b] = [items[later], items[earlier]];
    return a === undefined || b === undefined ? [] : [[a, b] as const];
  });
}

/** What encloses comes first; of equal ranges, the earlier item's. */
function compareEntries(a: Entry, b: Entry): number {
  if (a.first !== b.first) {
    return a.first < b.first ? -1 : 1;
  }
  if (a.last !== b.last) {
    return a.last > b.last ? -1 : 1;
  }
  return a.order - b.order;
}

function byId(entries: readonly Entry[]): Iterable<readonly Entry[]> {
  const lists = new Map<number, Entry[]>();
  for (const entry of entries) {
    if (entry.id !== undefined) {
      const list = lists.get(entry.id);
      lists.set(entry.id, list ?? [entry]);
      list?.push(entry);
    }
  }
  return lists.values();
}

/**
 * Prefixes are nested or disjoint, so a stack holds all that encloses the next entry. Where the
 * earliest of that is the entry's own item, the rest was compared with it when it was reached.
 */
function sweep(
  entries: readonly Entry[],
  found: Map<number, number>,
  rivalOf: (around: Enclosing, entry: Entry) => Entry | undefined,
): void {
  const stack: Enclosing[] = [];
  for (const entry of entries) {
    let around = stack.at(-1);
    while (around !== undefined && around.last < entry.first) {
      stack.pop();
      around = stack.at(-1);
    }
    const rival = around === undefined ? undefined : rivalOf(around, entry);
    if (rival !== undefined && rival.order !== entry.order) {
      const later = Math.max(entry.order, rival.order);
      found.set(later, found.get(later) ?? Math.min(entry.order, rival.order));
    }
    stack.push({
      last: entry.last,
      earliest: earlier(around?.earliest, entry),
      earliestOpen:
        entry.id === undefined ? earlier(around?.earliestOpen, entry) : around?.earliestOpen,
    });
  }
}

function earlier(a: Entry | undefined, b: Entry): Entry {
  return a !== undefined && a.order < b.order ? a : b;
}
