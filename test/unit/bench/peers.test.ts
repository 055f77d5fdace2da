import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { goals, judge } from "../../bench/peers/goals.js";
import { disturbance } from "../../bench/peers/load.js";
import { cyclesAPacket } from "../../bench/peers/memory.js";
import { names } from "../../bench/peers/names.js";
import { formatGoals, formatRates, formatSkipped } from "../../bench/peers/report.js";
import { keyOf, type Result, type Sample } from "../../bench/peers/result.js";
import { cpuOf } from "../../bench/peers/run.js";
import { quantile, ratios, summarize } from "../../bench/peers/statistics.js";

describe("statistics of rounds", () => {
  test("the median of an even number of rounds lies between the middle two", () => {
    assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
    assert.equal(quantile([9, 1, 5], 0.5), 5);
  });

  test("quartiles are interpolated, so the IQR of 1 to 5 is 2", () => {
    assert.deepEqual(summarize([5, 4, 3, 2, 1]), { median: 3, iqr: 2, rounds: 5 });
    assert.deepEqual(summarize([1, 2, 3, 4]), { median: 2.5, iqr: 1.5, rounds: 4 });
  });

  test("one round has no spread, none is refused", () => {
    assert.deepEqual(summarize([7]), { median: 7, iqr: 0, rounds: 1 });
    assert.throws(() => summarize([]), RangeError);
  });

  test("ratios pair the same round, and leave out rounds that one has not", () => {
    assert.deepEqual(ratios([2, undefined, 9, 8], [1, 5, 3]), [2, 3]);
    assert.deepEqual(ratios([1, 4], [0, 2]), [2]);
  });
});

test("cpuOf takes off what the load only waited, and what it writes frames with", () => {
  // 0.1 us a frame to write, measured alone; then 1 M frames in a second of two processors, 0.3 s waited.
  const times = { seconds: 1, load: 1, gateway: 0.9, softirq: 0 };
  const own = { ...times, received: 0, offered: 1e7, waited: 0, busy: [0, 1] };
  const part = { ...times, received: 1e6, offered: 1e6, waited: 0.3, busy: [0.9, 1] };
  assert.ok(Math.abs(cpuOf(part, own, true) - 1.5e-6) < 1e-12);
  // 0.4 s more of interrupts and others: they count only where no process tells whose they are.
  const more = { ...part, busy: [1.3, 1] };
  assert.ok(Math.abs(cpuOf(more, own, true) - 1.5e-6) < 1e-12);
  assert.ok(Math.abs(cpuOf(more, own, false) - 1.9e-6) < 1e-12);
});

test("disturbance is what no process of the measurement took, or what the load did not get", () => {
  const seen = { seconds: 2, received: 1, offered: 1, waited: 0, busy: [2, 2] };
  const result = { ...seen, load: 1.8, gateway: 1.5, softirq: 0.1 };
  assert.ok(Math.abs(disturbance(result, true) - 0.3) < 1e-12);
  assert.ok(Math.abs(disturbance(result, false) - 0.05) < 1e-12);
  assert.equal(disturbance({ ...result, load: 2.01, gateway: 2 }, true), 0);
});

test("cyclesAPacket reads the busy thread, not the main one after it", () => {
  const stats = [
    "pmd thread numa_id 0 core_id 0:",
    "  packets received: 1000",
    "  avg cycles per packet: 127.50 (127500/1000)",
    "  avg processing cycles per packet: 120.00 (120000/1000)",
    "main thread:",
    "  packets received: 3",
    "  avg cycles per packet: 9000.00 (27000/3)",
  ].join("\n");
  assert.equal(cyclesAPacket(stats), 127.5);
  assert.throws(() => cyclesAPacket("main thread:\n  packets received: 0\n"), /received nothing/);
});

const push = "push/64";

function result(rows: Readonly<Record<string, readonly (Sample | undefined)[]>>): Result {
  const samples = new Map(Object.entries(rows).map(([peer, all]) => [keyOf(peer, push), all]));
  return { samples, figures: new Map(), skipped: [] };
}

function goal(what: string) {
  const found = goals.find((one) => one.what === what);
  assert.ok(found, what);
  return found;
}

describe("goals", () => {
  test("judge knows which way is better, and counts a limit as kept", () => {
    const more = { what: "", values: () => [], gate: 1.4, target: 1.7, better: "more" } as const;
    assert.deepEqual(
      [1.39, 1.4, 1.69, 1.7].map((value) => judge(more, value)),
      ["missed", "gate", "gate", "target"],
    );
    const less = { ...more, gate: 5, target: 2, better: "less" } as const;
    assert.deepEqual(
      [5.1, 5, 2.1, 2].map((value) => judge(less, value)),
      ["missed", "gate", "gate", "target"],
    );
  });

  test("a kernel is as fast as the faster of its ways, round by round", () => {
    const rates = result({
      [names.adit]: [{ rate: 12 }, { rate: 12 }],
      [names.routed]: [{ rate: 6 }, { rate: 4 }],
      [names.routedRps]: [{ rate: 3 }, { rate: 8 }],
    });
    assert.deepEqual(goal("rate against kernel vxlan routed").values(rates), [2, 1.5]);
  });

  test("rounds that others disturbed count only where there is no other", () => {
    const rows = {
      [names.adit]: [
        { rate: 3, others: 0.5 },
        { rate: 12, others: 0.05 },
      ],
      [names.openVswitch]: [{ rate: 9 }, { rate: 6 }],
    };
    const against = goal("rate against Open vSwitch AF_XDP");
    assert.deepEqual(against.values(result(rows)), [2]);
    const disturbed = { ...rows, [names.openVswitch]: [{ rate: 6 }, { rate: 6, others: 1 }] };
    assert.deepEqual(against.values(result(disturbed)), [0.5, 2]);
  });

  test("processor time goes against the cheaper way, and more of it is better for us", () => {
    const times = result({
      [names.adit]: [{ rate: 1, cpu: 2 }],
      [names.bridged]: [{ rate: 1, cpu: 5 }],
      [names.bridgedRps]: [{ rate: 1, cpu: 4 }],
    });
    const against = "processor time of kernel bridge + vxlan against ours";
    assert.deepEqual(goal(against).values(times), [2]);
  });

  test("a missed gate is told with its row, what was not measured is not missed", () => {
    const slow = result({ [names.adit]: [{ rate: 9 }], [names.noop]: [{ rate: 10 }] });
    const { text, missed } = formatGoals(slow);
    assert.deepEqual(missed.length, 1);
    assert.match(missed[0] ?? "", /without header work {2}0\.900 .* 0\.95 {2}0\.98 {2}MISSED/);
    assert.match(text, /kernel vxlan routed .*not measured/);
  });
});

test("a table's row has the peer's rate and what ours is to it", () => {
  const rates = result({
    [names.adit]: [{ rate: 2e6, cpu: 1e-6 }],
    [names.testpmd]: [undefined, { rate: 1e6 }],
    [names.forwarder]: [{ rate: 1e6 }],
  });
  const lines = formatRates(rates).split("\n");
  assert.match(lines[1] ?? "", /^push\/64 {2}Adit +2\.000 +0\.000 +1\.00 x +0\.00 +1000 +0$/);
  assert.match(lines[2] ?? "", /^push\/64 {2}DPDK testpmd io +1\.000 +0\.000$/);
  assert.match(lines[3] ?? "", /^push\/64 {2}shared-UMEM forwarder +1\.000 +0\.000 +2\.00 x/);
});

test("what could not run is told with its reason", () => {
  const skipped = [{ what: names.testpmd, why: "no program dpdk-testpmd" }];
  const result = { samples: new Map(), figures: new Map(), skipped };
  assert.match(formatRates(result), /^ +DPDK testpmd io +SKIPPED$/m);
  const text = formatSkipped(result);
  assert.equal(text, "SKIPPED DPDK testpmd io: no program dpdk-testpmd\n");
});
