import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isPlain } from "../../../tunnels/json/plain-text.js";
import { scanJson } from "../../../tunnels/json/scan.js";

const PLAIN = `{
  "tenant": "acme", "list": [1, -20, 0, true, false, null, "a \\"b\\\\", {}, []],
  "vlan": { "outer": 1, "inner": { "outer": 2 } }, "other": { "outer": 3 }
}`;

test("a text as people write it is plain", () => {
  assert.ok(isPlain(PLAIN));
});

const left: readonly (readonly [string, string])[] = [
  ["a key given twice", '{"a": 1, "b": {"a": 1}, "a": 2}'],
  ["a key given twice in an inner object", '{"b": [{"a": 1, "a": 1}]}'],
  ["a key written with an escape", '{"a": 1, "\\u0061": 2}'],
  ["a fraction", "[1.5]"],
  ["an exponent", "[1e3]"],
  ["a capital exponent", "[1E3]"],
  ["a signed zero", "[-0]"],
  ["a signed fraction", "[-0.5]"],
  ["a comment", "[1] // one"],
  ["65 lists within each other", "[".repeat(65) + "]".repeat(65)],
  ["more ends than beginnings", "[]]"],
  ["more values than a file may hold", `[${"0,".repeat(8_000_000)}0]`],
  ["65 keys", JSON.stringify(Object.fromEntries(Array.from({ length: 65 }, (_, i) => [i, i])))],
];

for (const [title, text] of left) {
  test(`${title} is left to the scan`, () => {
    assert.equal(isPlain(text), false);
  });
}

/** JSON texts with some bytes changed to what matters. */
const texts = fc
  .tuple(
    fc.jsonValue({ maxDepth: 4 }),
    fc.constantFrom(0, 1, 2),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(
          ...'{}[],:"\\-+.eE0123456789tfnu /*\n\t',
          "true",
          '"a":',
          "\u0001",
          "\u2028",
        ),
      ),
      { maxLength: 4 },
    ),
  )
  .map(([value, indent, changes]) => {
    let text = JSON.stringify(value, null, indent);
    for (const [where, what] of changes) {
      const at = where % (text.length + 1);
      text = text.slice(0, at) + what + text.slice(at + (where % 2));
    }
    return text;
  });

/** Objects with few names, so that keys are often given twice. */
const doubled = fc
  .array(
    fc.tuple(fc.constantFrom("a", "b", "\\u0061", "ab", ""), fc.constantFrom("1", "{}", "[1]")),
    {
      maxLength: 5,
    },
  )
  .map((keys) => `{${keys.map(([key, value]) => `"${key}": ${value}`).join(", ")}}`);

test("the scan finds nothing in a plain text that is JSON", () => {
  let plain = 0;
  fc.assert(
    fc.property(fc.oneof(texts, doubled), (text) => {
      if (!isPlain(text) || !isJson(text)) return;
      plain++;
      const { problems, usable, inexactNumbers } = scanJson(text);
      assert.deepEqual([problems, usable, inexactNumbers.size], [[], true, 0]);
    }),
    { numRuns: 5000 },
  );
  assert.ok(plain > 500, `only ${plain} texts were plain`);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
