/**
 * VLAN devices of a Debian kernel, booted in QEMU, as tenants' hosts: many machines' own kernels
 * have none.
 */
import { buildGuestVlans, type GuestVlanPlan } from "../../deploy/lab/qemu-vlan-scenario.js";
import { expectConservation, expectNoDrops, overload } from "./expectations.js";
import { expectTraffic, lacks, type Named } from "./guest-traffic.js";
import { labTest } from "./lab-test.js";

const vlans: readonly Named<GuestVlanPlan>[] = [
  { name: "802.1Q", attachment: { vlan: 100 }, tags: [{ tpid: "802.1Q", vlan: 100 }] },
  {
    ...{ name: "802.1Q in 802.1ad", attachment: { vlan: { outer: 200, inner: 300 } } },
    tags: [
      { tpid: "802.1ad", vlan: 200 },
      { tpid: "802.1Q", vlan: 300 },
    ],
  },
  {
    name: "802.1Q in 802.1Q",
    attachment: { vlan: { outer: 201, outerTpid: "0x8100", inner: 300 } },
    tags: [
      { tpid: "802.1Q", vlan: 201 },
      { tpid: "802.1Q", vlan: 300 },
    ],
  },
  {
    name: "the tenant's own 802.1Q in 802.1ad, kept inside the tunnel",
    attachment: { vlan: { outer: 202, inner: "any" } },
    tags: [
      { tpid: "802.1ad", vlan: 202 },
      { tpid: "802.1Q", vlan: 310 },
    ],
    kept: 310,
  },
  {
    name: "802.1Q, kept inside the tunnel",
    attachment: { vlan: 110, keepTag: true },
    tags: [{ tpid: "802.1Q", vlan: 110 }],
    kept: 110,
  },
];

labTest(
  "VLAN devices of a Debian kernel as tenants' hosts",
  async (lab, context) => {
    const scenario = await buildGuestVlans(lab, vlans);
    const gateway = await expectTraffic(scenario, vlans, context);
    await expectNoDrops(gateway, overload);
    await expectConservation(gateway);
  },
  lacks,
);
