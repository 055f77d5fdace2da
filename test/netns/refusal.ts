import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { aditProgram, controlSocket } from "../../deploy/lab/gateway.js";
import { formatJsonFile, type JsonObject } from "../../deploy/lab/json-file.js";
import type { Argv, Namespace, RunResult } from "../../deploy/lab/namespace.js";
import { underlayDevice } from "../../deploy/lab/tenant-plan.js";
import { expectDetached } from "./expectations.js";

export const accessDevice = "lan-acme";
/** The two interfaces of a gateway with one tenant. */
export const interfaces = [underlayDevice, accessDevice];

/** `adit run` that is expected to end by itself; `before` starts it, as `setpriv` with arguments. */
export function runRefused(
  namespace: Namespace,
  file: string,
  before: readonly string[] = [],
): Promise<RunResult> {
  const argv: Argv = ["env", ...before, process.execPath, aditProgram, "run", "-c", file];
  return namespace.tryRun(argv, 15_000);
}

export interface Refusal {
  readonly exitCode: number;
  /** On stderr: the code, what is wrong, and the mend. */
  readonly says: readonly RegExp[];
}

export function expectRefused({ exitCode, stderr }: RunResult, refusal: Refusal): void {
  for (const pattern of refusal.says) assert.match(stderr, pattern);
  assert.equal(exitCode, refusal.exitCode, stderr);
}

/** What a gateway changes on its interfaces: promiscuous mode and driver features. */
export async function interfaceState(namespace: Namespace): Promise<readonly string[]> {
  const states: string[] = [];
  for (const name of interfaces) {
    const [link] = JSON.parse(await namespace.ip("-j", "-d", "link", "show", "dev", name)) as [
      { readonly promiscuity: number },
    ];
    const features = await namespace.run(["ethtool", "-k", name]);
    states.push(`${name}: promiscuity ${link.promiscuity}\n${features}`);
  }
  return states;
}

/** Nothing is left: no XDP, no control socket, and the interfaces are as they were `before`. */
export async function expectNothingLeft(
  namespace: Namespace,
  before: readonly string[],
): Promise<void> {
  await expectDetached(namespace, interfaces);
  assert.deepEqual(await interfaceState(namespace), before);
  assert.ok(!existsSync(controlSocket(namespace.lab.folder)), "the control socket is gone");
}

/** The gateway file as it would be with these keys on one of its ports, or on itself. */
export interface Change {
  readonly port?: typeof underlayDevice | typeof accessDevice;
  readonly keys: JsonObject;
}

export async function writeChanged(file: string, { port, keys }: Change): Promise<string> {
  const document = JSON.parse(await readFile(file, "utf8")) as {
    readonly ports: readonly (JsonObject & { readonly name: string })[];
  } & JsonObject;
  const changed =
    port === undefined
      ? { ...document, ...keys }
      : {
          ...document,
          ports: document.ports.map((row) => (row.name === port ? { ...row, ...keys } : row)),
        };
  const path = file.replace(".json", "-changed.json");
  await writeFile(path, formatJsonFile(changed));
  return path;
}
