/** What `adit run` refuses: it names what is wrong and what mends it, and leaves nothing attached. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { Gateway } from "../../deploy/lab/gateway.js";
import { setMtu } from "../../deploy/lab/link.js";
import { inner } from "../../deploy/lab/scenario.js";
import { underlayDevice } from "../../deploy/lab/tenant-plan.js";
import { expectReachable } from "./expectations.js";
import { labTest } from "./lab-test.js";
import { buildOneTenant } from "./one-tenant.js";
import {
  accessDevice,
  type Change,
  expectNothingLeft,
  expectRefused,
  interfaceState,
  type Refusal,
  runRefused,
  writeChanged,
} from "./refusal.js";

const configurations: Readonly<Record<string, Change & Refusal>> = {
  "a missing interface": {
    port: underlayDevice,
    keys: { interface: "nosuch0" },
    exitCode: 1,
    says: [/ADIT-2101/, /nosuch0/, /fix: .*ip link/],
  },
  "more queues than the interface has": {
    port: underlayDevice,
    keys: { queues: 2 },
    exitCode: 1,
    says: [/ADIT-2\d\d\d/, /underlay has 1/, /fix: .*ethtool -L underlay/],
  },
  "more workers than queues": {
    keys: { workers: 2 },
    exitCode: 1,
    says: [/ADIT-2121/, /2 workers are more than the 1 queues/, /fix: .*ethtool -L/],
  },
  "a CPU that the machine does not have": {
    keys: { workers: { cpus: [8191] } },
    exitCode: 1,
    says: [/ADIT-2122/, /CPU 8191/, /it may use 0/, /fix: .*"workers"/],
  },
  "zero copy where the driver has none": {
    port: underlayDevice,
    keys: { zeroCopy: "on" },
    exitCode: 1,
    says: [/ADIT-2109/, /port underlay/, /fix: .*zeroCopy to "auto"/],
  },
  "an unknown key and a wrong value, both told": {
    keys: { wrkers: 2, listen: { http: 9477 } },
    exitCode: 3,
    says: [
      /adit-changed\.json:\d+:\d+ {2}ADIT-\d+ {2}\/.*wrkers/,
      /:\d+:\d+ {2}ADIT-\d+ {2}\/listen\/http/,
    ],
  },
};

/** Every capability that `adit run` needs, and the one without which memory is limited. */
const needed = ["net_admin", "net_raw", "bpf", "ipc_lock"] as const;

function withCapabilities(names: readonly string[]): string[] {
  const set = ["-all", ...names.map((name) => `+${name}`)].join(",");
  return ["setpriv", "--bounding-set", set, "--inh-caps", "-all"];
}

const capabilities: Readonly<Record<string, Refusal>> = {
  net_admin: {
    exitCode: 1,
    says: [/lacks CAP_NET_ADMIN/, /fix: .*give the program CAP_NET_ADMIN/],
  },
  net_raw: { exitCode: 1, says: [/ADIT-21\d\d/, /fix: .*CAP_NET_RAW/] },
  bpf: { exitCode: 1, says: [/lacks CAP_BPF/, /fix: .*give the program CAP_BPF/] },
};

labTest("configurations and machines that adit run refuses", async (lab, context) => {
  const { gateway, gatewayFile } = await buildOneTenant(lab);
  const before = await interfaceState(gateway);
  const check = (name: string, body: (context: TestContext) => Promise<void>): Promise<void> =>
    context.test(name, async (inside) => {
      await body(inside);
      await expectNothingLeft(gateway, before);
    });

  for (const [name, { port, keys, ...refusal }] of Object.entries(configurations)) {
    await check(name, async () => {
      const change = port === undefined ? { keys } : { port, keys };
      expectRefused(await runRefused(gateway, await writeChanged(gatewayFile, change)), refusal);
    });
  }
  for (const [name, refusal] of Object.entries(capabilities)) {
    await check(`without CAP_${name.toUpperCase()}`, async () => {
      const rest = withCapabilities(needed.filter((other) => other !== name));
      expectRefused(await runRefused(gateway, gatewayFile, rest), refusal);
    });
  }
  await check("little lockable memory, without CAP_IPC_LOCK", async () => {
    const rest = withCapabilities(needed.filter((name) => name !== "ipc_lock"));
    const result = await runRefused(gateway, gatewayFile, [
      "prlimit",
      "--memlock=1048576",
      ...rest,
    ]);
    const says = [
      /ADIT-2104/,
      /may lock 1024 KiB/,
      /fix: give the program CAP_IPC_LOCK.*LimitMEMLOCK/,
    ];
    expectRefused(result, { exitCode: 1, says });
  });
  await check("an MTU beyond the frames", async () => {
    // More than several frames a packet hold, where the kernel has them.
    await setMtu(gateway, accessDevice, 40_000);
    const small = { port: accessDevice, keys: { frameSize: 2048 } } as const;
    const result = await runRefused(gateway, await writeChanged(gatewayFile, small));
    await setMtu(gateway, accessDevice, 1500);
    expectRefused(result, { exitCode: 1, says: [/ADIT-2\d\d\d/, /lan-acme/, /MTU/, /fix: /] });
  });
});

labTest("the capabilities that the messages name are enough", async (lab) => {
  const { gateway, gatewayFile, host } = await buildOneTenant(lab);
  const before = await interfaceState(gateway);
  const running = await Gateway.start(gateway, gatewayFile, {
    under: withCapabilities(needed),
  });
  await expectReachable(host, inner.peer);
  assert.equal(await running.stop(), 0, running.process.stderr);
  await expectNothingLeft(gateway, before);
});
