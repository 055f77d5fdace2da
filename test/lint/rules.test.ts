import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkIncludes } from "./cpp-includes.js";
import { checkErrorCodes } from "./error-codes.js";
import { checkLength } from "./file-length.js";
import { checkTypeScriptImports } from "./ts-imports.js";

/** Lines that the check objects to. */
function tsLines(path: string, ...lines: string[]): number[] {
  return checkTypeScriptImports({ path, text: lines.join("\n") }).map(({ line }) => line);
}

function cppLines(path: string, ...lines: string[]): number[] {
  return checkIncludes({ path, text: lines.join("\n") }).map(({ line }) => line);
}

describe("checkTypeScriptImports()", () => {
  it("lets the gateway import native and tunnels, and nothing import the gateway", () => {
    const lines = ['import { a } from "../tunnels/a.js";', 'import { b } from "../native/b.js";'];
    assert.deepEqual(tsLines("gateway/main.ts", ...lines), []);
    assert.deepEqual(tsLines("tunnels/a.ts", ...lines), [2]);
    assert.deepEqual(tsLines("tunnels/a.ts", 'import "../gateway/main.js";'), [1]);
    assert.deepEqual(tsLines("native/a.ts", 'import "../gateway/main.js";'), [1]);
    assert.deepEqual(tsLines("deploy/lab/a.ts", 'import "../../gateway/main.js";'), [1]);
  });

  it("lets native import types of tunnels, and no values", () => {
    const forbidden = [
      'import { type A, b } from "../tunnels/a.js";',
      'import * as a from "../tunnels/a.js";',
      'import "../tunnels/a.js";',
      'export { a } from "../tunnels/a.js";',
      'export * from "../tunnels/a.js";',
      'const a = await import("../tunnels/a.js");',
      'const a = require("../tunnels/a.js");',
    ];
    for (const line of forbidden) assert.deepEqual(tsLines("native/a.ts", line), [1], line);
    const allowed = [
      'import type { A } from "../tunnels/a.js";',
      'import type * as a from "../tunnels/a.js";',
      'import { type A, type B } from "../tunnels/a.js";',
      'export type { A } from "../tunnels/a.js";',
      'let a: import("../tunnels/a.js").A;',
      '// import { b } from "../tunnels/a.js";',
    ];
    for (const line of allowed) assert.deepEqual(tsLines("native/a.ts", line), [], line);
  });

  it("sees through paths, and lets packages and the package file be imported", () => {
    assert.deepEqual(tsLines("tunnels/schema/a.ts", 'import "../../native/a.js";'), [1]);
    assert.deepEqual(tsLines("tunnels/schema/a.ts", 'import "../gateway/a.js";'), []);
    assert.deepEqual(tsLines("tunnels/a.ts", 'import "ajv";', 'import "node:fs";'), []);
    assert.deepEqual(tsLines("gateway/a.ts", 'import p from "../package.json";'), []);
  });

  it("asks for a rule for every folder", () => {
    assert.deepEqual(tsLines("elsewhere/a.ts", "export {};"), [1]);
  });
});

describe("checkIncludes()", () => {
  it("keeps the order of the folders", () => {
    assert.deepEqual(cppLines("native/wire/a.h", '#include "packet/packet.h"'), [1]);
    assert.deepEqual(cppLines("native/packet/a.h", '#include "wire/ip.h"'), []);
    assert.deepEqual(cppLines("native/table/a.cc", '#include "service/a.h"'), [1]);
    assert.deepEqual(cppLines("native/port/a.cc", "", '  #  include "steer/a.h"'), [2]);
    assert.deepEqual(cppLines("native/worker/a.cc", '#include "steer/a.h"'), []);
    assert.deepEqual(cppLines("native/worker/a.cc", '#include "binding/a.h"'), [1]);
    assert.deepEqual(cppLines("native/packet/a.cc", '#include "../worker/a.h"'), [1]);
  });

  it("lets only their folders know the libraries", () => {
    const owners: Record<string, string[]> = {
      "<napi.h>": ["binding"],
      "<node_api.h>": ["binding"],
      "<bpf/libbpf.h>": ["port", "steer"],
      "<xdp/xsk.h>": ["port", "steer"],
      '"steer.skel.h"': ["steer"],
      "<libmnl/libmnl.h>": ["netlink"],
      "<pcap.h>": ["capture"],
      "<pcap/pcap.h>": ["capture"],
    };
    const folders = ["wire", "packet", "table", "service", "port", "steer", "netlink", "capture"];
    for (const [header, allowed] of Object.entries(owners)) {
      for (const folder of [...folders, "worker", "binding"]) {
        const expected = allowed.includes(folder) ? [] : [1];
        assert.deepEqual(cppLines(`native/${folder}/a.cc`, `#include ${header}`), expected, folder);
      }
    }
  });

  it("lets tests include all but the binding", () => {
    const lines = ['#include "worker/a.h"', "#include <bpf/bpf.h>", '#include "binding/a.h"'];
    assert.deepEqual(cppLines("test/native/a_test.cc", ...lines, "#include <napi.h>"), [3, 4]);
  });

  it("asks for a rule for every folder", () => {
    assert.deepEqual(cppLines("native/elsewhere/a.cc", "int a;"), [1]);
  });
});

describe("checkErrorCodes()", () => {
  const list = {
    path: "tunnels/error-codes.ts",
    text: '  "ADIT-1001": "One.",\n  "ADIT-1002": "Two.",',
  };

  it("lets one folder give a code at several places", () => {
    const text =
      '// "ADIT-1001"\nthrow Failure("ADIT-2001", "a");\nthrow Failure("ADIT-2001", "b");';
    assert.deepEqual(checkErrorCodes([list, { path: "native/port/a.cc", text }]), []);
  });

  it("lets two folders give a code with the same opening words", () => {
    const port = { path: "native/port/a.cc", text: 'Failure("ADIT-2001", "cannot open " + a)' };
    const steer = { path: "native/steer/a.cc", text: 'Failure("ADIT-2001", "cannot open " + b)' };
    assert.deepEqual(checkErrorCodes([port, steer]), []);
  });

  it("finds a code with two homes", () => {
    const twice = { path: "gateway/error-codes.ts", text: '  "ADIT-1002": "Other.",' };
    const port = { path: "native/port/a.cc", text: 'Failure("ADIT-2001", "a")' };
    const steer = { path: "native/steer/a.cc", text: '\nFailure("ADIT-2001", "b")' };
    const found = checkErrorCodes([list, twice, port, steer]);
    assert.deepEqual(
      found.map(({ path, line }) => `${path}:${line}`),
      ["gateway/error-codes.ts:1", "native/steer/a.cc:2"],
    );
    assert.match(
      found[0]?.problem ?? "",
      /ADIT-1002 is already given by tunnels\/error-codes.ts:2/,
    );
  });
});

describe("checkLength()", () => {
  it("objects from 401 lines on", () => {
    assert.equal(checkLength({ path: "a.ts", text: "a\n".repeat(400) }).length, 0);
    assert.equal(checkLength({ path: "a.ts", text: "a\n".repeat(401) }).length, 1);
  });
});
