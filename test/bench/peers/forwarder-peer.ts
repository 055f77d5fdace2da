/** The least that forwards between two AF_XDP ports on one memory: `forwarder.cc`. */
import { waitFor } from "../../../deploy/lab/wait.js";
import { access, type Bed, macs, underlay } from "./bed.js";
import { benchProgram, gatewayCpu } from "./load.js";
import { names } from "./names.js";
import type { Peer, RunningPeer } from "./peer.js";

export const forwarder: Peer = { name: names.forwarder, work: "forward", start };

async function start({ gateway }: Bed): Promise<RunningPeer> {
  const argv = [`${gatewayCpu}`, access, underlay];
  const child = gateway.spawn([benchProgram("adit_forwarder"), ...argv]);
  await waitFor("forwarder", () => child.exitCode !== undefined || child.stdout !== "");
  if (child.exitCode !== undefined) throw new Error(child.stderr.trim());
  return { destinations: { push: macs.remoteTenant, pop: macs.tenant }, pid: child.pid };
}
