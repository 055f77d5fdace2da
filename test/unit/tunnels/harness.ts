import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import {
  type CompiledTunnel,
  type LoadedConfiguration,
  type LoadOptions,
  type LoadResult,
  loadConfiguration,
  type Problem,
} from "../../../tunnels/index.js";

/** Stands in a text where an error is expected; it is taken out before the text is written. */
export const MARK = "§";

export const GATEWAY = `{
  "ports": [
    { "name": "underlay", "addresses": ["192.0.2.1/24"] },
    { "name": "access" }
  ]
}`;

/** Files by name below a temporary folder; `adit.json` is the gateway file. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Writes the files, runs `use` on their folder, and takes them away when it is done. */
export function inFolder<T>(files: Files, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "adit-unit-"));
  const takeAway = () => rmSync(folder, { recursive: true, force: true });
  let result: T | undefined;
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    result = use(folder);
    return result instanceof Promise ? (result.finally(takeAway) as T) : result;
  } finally {
    if (!(result instanceof Promise)) {
      takeAway();
    }
  }
}

/** Loads the files; file names in problems are relative to the folder. */
export function load(files: Files, options: LoadOptions = {}): LoadResult {
  return inFolder(files, (folder) => {
    const result = loadConfiguration(join(folder, "adit.json"), options);
    const shorten = (problem: Problem): Problem => ({
      ...problem,
      file: problem.file.replace(`${folder}/`, ""),
      message: problem.message.replaceAll(`${folder}/`, ""),
    });
    return result.ok
      ? { ...result, warnings: result.warnings.map(shorten) }
      : { ...result, errors: result.errors.map(shorten) };
  });
}

export function loadValid(files: Files, options: LoadOptions = {}): LoadedConfiguration {
  const result = load(files, options);
  assert.ok(result.ok, result.ok ? "" : JSON.stringify(result.errors, null, 1));
  return result;
}

export function loadErrors(files: Files): readonly Problem[] {
  const result = load(files);
  assert.ok(!result.ok, "the configuration should be refused");
  assert.equal(result.errorCount, result.errors.length);
  return result.errors;
}

/** Code and pointer of an error that stands at the next mark of its file. */
export type Expected = readonly [code: string, pointer: string];

/** Positions of the marks, 1-based, and the text without them. */
function readMarks(text: string): { plain: string; places: string[] } {
  const parts = text.split(MARK);
  const places = parts.slice(0, -1).map((_, index) => {
    const before = parts.slice(0, index + 1).join("");
    const lines = before.split("\n");
    return `${lines.length}:${(lines[lines.length - 1] ?? "").length + 1}`;
  });
  return { plain: parts.join(""), places };
}

/** A test that the files give exactly the expected errors, each at its mark, in order. */
export function bad(title: string, files: Record<string, string>, ...expected: Expected[]): void {
  test(`refuses ${title}`, () => {
    const plain: Record<string, string> = {};
    const places: string[] = [];
    for (const [name, text] of Object.entries(files)) {
      const marked = readMarks(text);
      plain[name] = marked.plain;
      places.push(...marked.places.map((place) => `${name}:${place}`));
    }
    assert.equal(places.length, expected.length, "one mark an expected error");
    const found = loadErrors(plain).map(
      ({ file, line, column, code, pointer }) => `${file}:${line}:${column} ${code} ${pointer}`,
    );
    const wanted = expected.map(([code, pointer], index) => `${places[index]} ${code} ${pointer}`);
    assert.deepEqual(found, wanted);
  });
}

/** The files of a tenant whose text is given, beside the usual gateway file. */
export function tenantFiles(text: string): Record<string, string> {
  return { "adit.json": GATEWAY, "tunnels.d/acme.json": text };
}

/** A whole tenant around the text of one tunnel named "ams". */
export function withTunnel(tunnel: string): Record<string, string> {
  return tenantFiles(`{
  "tenant": "acme",
  "attachments": [{ "name": "lan", "port": "access", "vlan": 100 }],
  "tunnels": [
    ${tunnel}
  ],
  "crossConnects": [{ "between": ["lan", "ams"] }]
}`);
}

/** A whole tenant around the text of one attachment named "lan". */
export function withAttachment(attachment: string): Record<string, string> {
  return tenantFiles(`{
  "tenant": "acme",
  "attachments": [
    ${attachment}
  ],
  "tunnels": [${VXLAN}],
  "crossConnects": [{ "between": ["lan", "ams"] }]
}`);
}

export const VXLAN =
  '{ "name": "ams", "type": "vxlan", "vni": 5001, "local": "192.0.2.1", "remote": "198.51.100.7" }';

/** A VXLAN tunnel with more keys, such as `"ttl": 3`. */
export function vxlanWith(keys: string): Record<string, string> {
  return withTunnel(VXLAN.replace(" }", `, ${keys} }`));
}

/** A GRE tunnel with more keys. */
export function greWith(keys: string): Record<string, string> {
  return withTunnel(VXLAN.replace('"vxlan", "vni": 5001', '"gre"').replace(" }", `, ${keys} }`));
}

/** The same tunnel between IPv6 addresses. */
export function onIpv6(tunnel: string): string {
  return tunnel.replace("192.0.2.1", "2001:db8::1").replace("198.51.100.7", "2001:db8::7");
}

/** The compiled tunnel of a text that describes one named "ams". */
export function compiledTunnel(tunnel: string): CompiledTunnel {
  const { table } = loadValid(withTunnel(tunnel));
  const member = table.members.find(({ name }) => name === "ams");
  assert.ok(member?.kind === "tunnel");
  return member;
}
