import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isRefusal } from "../../../tunnels/address/address.js";
import {
  type AddressRange,
  formatAddress,
  maskBytes,
  parsePrefix,
  rangeOf,
} from "../../../tunnels/address/prefix.js";
import { findOverlaps, type Ranged } from "../../../tunnels/check/overlaps.js";

function range(text: string): AddressRange {
  const prefix = parsePrefix(text);
  assert.ok(!isRefusal(prefix));
  return rangeOf(prefix);
}

test("rangeOf() gives the first and the last address of a prefix", () => {
  assert.deepEqual(range("10.0.0.0/8"), { first: "0a000000", last: "0affffff" });
  assert.deepEqual(range("0.0.0.0/0"), { first: "00000000", last: "ffffffff" });
  assert.deepEqual(range("192.0.2.5/32"), { first: "c0000205", last: "c0000205" });
  assert.deepEqual(range("192.0.2.4/31"), { first: "c0000204", last: "c0000205" });
  assert.deepEqual(range("2001:db8::/33"), {
    first: "20010db8000000000000000000000000",
    last: "20010db87fffffffffffffffffffffff",
  });
});

/** Lists of items over a few addresses, so that many meet. */
const lists = (id: fc.Arbitrary<number | undefined>) =>
  fc.array(fc.record({ id, sources: fc.array(ranges, { minLength: 1, maxLength: 4 }) }), {
    maxLength: 10,
  });
const ranges = fc
  .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 28, max: 32 }))
  .map(([host, length]) => {
    const address = maskBytes(Uint8Array.of(10, 0, 0, host), length);
    return range(`${formatAddress(address)}/${length}`);
  });

function meet(a: Ranged, b: Ranged): boolean {
  const [idA, idB] = [a.id, b.id];
  const sameId = idA === undefined || idB === undefined || idA === idB;
  return (
    sameId && a.sources.some((x) => b.sources.some((y) => x.first <= y.last && y.first <= x.last))
  );
}

/** Checks what was found, and gives the items found to be later ones, and those that are. */
function laterItems(list: readonly Ranged[]) {
  const found = findOverlaps(list);
  for (const [later, earlier] of found) {
    assert.ok(meet(later, earlier));
    assert.ok(list.indexOf(later) > list.indexOf(earlier));
  }
  const wanted = list.filter((item, index) => list.slice(0, index).some((b) => meet(item, b)));
  const later = found.map(([item]) => item);
  assert.equal(new Set(later).size, later.length, "an item is told once");
  return { found: new Set(later), wanted: new Set(wanted) };
}

for (const [title, id] of [
  ["without ids", fc.constant(undefined)],
  ["with ids", fc.integer({ min: 0, max: 2 })],
] as const) {
  test(`findOverlaps() finds, ${title}, what comparing every pair finds`, () => {
    const check = fc.property(lists(id), (list) => {
      const { found, wanted } = laterItems(list);
      assert.deepEqual(found, wanted);
    });
    fc.assert(check, { numRuns: 1000 });
  });
}

test("findOverlaps() leaves no overlap untold where some have ids", () => {
  const mixed = fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 2 }));
  const check = fc.property(lists(mixed), (list) => {
    const { found, wanted } = laterItems(list);
    assert.equal(found.size > 0, wanted.size > 0);
    assert.ok([...found].every((item) => wanted.has(item)));
  });
  fc.assert(check, { numRuns: 1000 });
});

test("findOverlaps() takes a hundred thousand sources of one identity in its stride", () => {
  const hosts = Array.from({ length: 100_000 }, (_, n) => {
    const key = (0x0a000000 + n).toString(16).padStart(8, "0");
    return { sources: [{ first: key, last: key }] };
  });
  const started = performance.now();
  assert.deepEqual(findOverlaps(hosts), []);
  const all = { sources: [range("10.0.0.0/8")] };
  assert.equal(findOverlaps([...hosts, all]).length, 1);
  assert.ok(performance.now() - started < 5000);
});
