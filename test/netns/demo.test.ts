/** The demo as a newcomer runs it. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { waitFor } from "../../deploy/lab/wait.js";
import { labTest } from "./lab-test.js";

const program = fileURLToPath(new URL("../../deploy/demo/main.js", import.meta.url));

/** What carries the name of a lab: namespaces and folders. */
function remains(labId: string): string[] {
  return ["/run/netns", tmpdir()]
    .flatMap((folder) => readdirSync(folder))
    .filter((name) => name.startsWith(labId));
}

function labIdIn(output: string): string {
  const id = /namespaces (adit-[0-9a-f]+)-/.exec(output)?.[1];
  assert.ok(id, `the demo names its lab: ${output}`);
  return id;
}

labTest("npm run demo passes all its checks and leaves nothing behind", async (lab) => {
  const demo = lab.spawn([process.execPath, program]);
  assert.equal(await demo.exited, 0, demo.stdout + demo.stderr);
  assert.match(demo.stdout, /All \d+ checks passed/);
  assert.deepEqual(remains(labIdIn(demo.stdout)), []);
});

labTest("--keep leaves the lab running until Ctrl-C, then nothing behind", async (lab) => {
  const demo = lab.spawn([process.execPath, program, "--keep"]);
  const said = (): boolean => demo.exitCode !== undefined || demo.stdout.includes("Ctrl-C");
  await waitFor("end of the checks", said, { timeoutMs: 90_000 });
  const id = labIdIn(demo.stdout);
  assert.ok(remains(id).includes(`${id}-gateway`), demo.stdout + demo.stderr);
  assert.equal(await demo.stop("SIGINT", 20_000), 0, demo.stdout + demo.stderr);
  assert.deepEqual(remains(id), []);
});

labTest("a signal in the middle of the demo leaves nothing behind", async (lab) => {
  const demo = lab.spawn([process.execPath, program]);
  await waitFor("tenant traffic", () => demo.stdout.includes("Traffic of acme"), {
    timeoutMs: 60_000,
  });
  assert.equal(await demo.stop("SIGTERM", 20_000), 128 + 15);
  assert.deepEqual(remains(labIdIn(demo.stdout)), []);
});
