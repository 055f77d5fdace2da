import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { aditProgram } from "./gateway.js";
import { withLab } from "./lab.js";
import { Namespace } from "./namespace.js";

/** Programs a lab calls, with the Debian package that brings each. */
const programs = {
  ip: "iproute2",
  ethtool: "ethtool",
  ping: "iputils-ping",
  iperf3: "iperf3",
  setpriv: "util-linux",
  "ovs-vswitchd": "openvswitch-switch",
  "ovsdb-server": "openvswitch-switch",
  "ovs-vsctl": "openvswitch-common",
} as const;

/**
 * What this machine lacks for a lab, each with what mends it. An empty list means that every lab
 * can be built.
 */
export async function missingCapabilities(): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const [program, debianPackage] of Object.entries(programs)) {
    if (onPath(program)) continue;
    missing.push(`no program "${program}": apt-get install ${debianPackage}`);
  }
  if (!existsSync(aditProgram)) missing.push("adit is not built: npm run build");
  if (process.getuid?.() !== 0) {
    missing.push("network namespaces and XDP need root: run it again with sudo");
  } else if (missing.length === 0) {
    missing.push(...(await missingInKernel()));
  }
  return missing;
}

function onPath(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}

/** Makes one of each thing a lab is made of, for nothing else tells whether the kernel can. */
async function missingInKernel(): Promise<string[]> {
  const trials = [
    { name: "veth", args: ["link", "add", "try0", "type", "veth", "peer", "name", "try1"] },
    { name: "vxlan", args: ["link", "add", "try2", "type", "vxlan", "id", "1", "dstport", "4789"] },
    { name: "tap", args: ["tuntap", "add", "mode", "tap", "name", "try3"] },
  ];
  try {
    return await withLab(async (lab) => {
      const namespace = await Namespace.create(lab, "trial");
      const missing: string[] = [];
      for (const { name, args } of trials) {
        await namespace.ip(...args).catch((error: Error) => {
          missing.push(`the kernel makes no ${name} device (${error.message}): use one that does`);
        });
      }
      return missing;
    });
  } catch (error) {
    return [`network namespaces cannot be made here (${String(error)}): a container needs more`];
  }
}
