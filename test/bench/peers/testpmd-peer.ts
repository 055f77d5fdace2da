/** DPDK's testpmd, which passes frames on between two AF_XDP ports and does nothing to them. */
import type { Argv } from "../../../deploy/lab/namespace.js";
import { waitFor } from "../../../deploy/lab/wait.js";
import { access, type Bed, macs, underlay } from "./bed.js";
import { gatewayCpu, loadCpu } from "./load.js";
import { names } from "./names.js";
import type { Peer, RunningPeer } from "./peer.js";

export const testpmd: Peer = { name: names.testpmd, work: "forward", start };

async function start({ gateway }: Bed): Promise<RunningPeer> {
  const child = gateway.spawn(argv(gateway.lab.id));
  const forwards = (): boolean => child.stdout.includes("io packet forwarding");
  await waitFor("testpmd that forwards", () => child.exitCode !== undefined || forwards());
  if (child.exitCode !== undefined) throw new Error(`testpmd ended: ${child.stderr.slice(-400)}`);
  return { destinations: { push: macs.remoteTenant, pop: macs.tenant }, pid: child.pid };
}

/** The thread that only waits shares the load's processor. Huge pages are nobody's here. */
function argv(prefix: string): Argv {
  const threads = ["--lcores", `0@${loadCpu},1@${gatewayCpu}`];
  const memory = ["--no-huge", "-m", "512", "--file-prefix", prefix];
  const ports = [access, underlay].flatMap((port, i) => ["--vdev", `net_af_xdp${i},iface=${port}`]);
  const quiet = ["--no-pci", "--no-telemetry"];
  const forwarding = ["--forward-mode=io", "--auto-start", "--stats-period=100000"];
  const rings = [
    "--total-num-mbufs=32768",
    "--rxd=2048",
    "--txd=2048",
    "--burst=64",
    "--no-lsc-interrupt",
  ];
  return ["dpdk-testpmd", ...threads, ...memory, ...quiet, ...ports, "--", ...forwarding, ...rings];
}
