/** Live native tests that need a kernel with VLAN interfaces, in a guest that has them. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Namespace } from "../../deploy/lab/namespace.js";
import { QemuGuest } from "../../deploy/lab/qemu-guest.js";
import { lacks } from "./guest-traffic.js";
import { labTest } from "./lab-test.js";

const program = fileURLToPath(new URL("../../../build/test/adit_live_tests", import.meta.url));

/** Their names begin so; each says by itself when the kernel makes no VLAN interface. */
const cases = [
  "Underlay uses the kernel's VLAN interfaces",
  "DataPath follows the kernel's VLAN interface",
];

labTest(
  "the underlay and the data path follow VLAN interfaces of a Debian kernel",
  async (lab) => {
    const guest = await QemuGuest.boot(await Namespace.create(lab, "guest"), [], {
      programs: [program],
    });
    const filter = `--test-case=${cases.map((name) => `${name}*`).join(",")}`;
    const { exitCode, stdout, stderr } = await guest.tryRun(["adit_live_tests", filter], 60_000);
    const said = stdout + stderr;
    assert.equal(exitCode, 0, said);
    assert.match(stdout, new RegExp(`test cases: +${cases.length} \\| +${cases.length} passed`));
    assert.doesNotMatch(said, /SKIP:/);
  },
  lacks,
);
