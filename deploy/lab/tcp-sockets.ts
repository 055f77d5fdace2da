import type { Runner } from "./namespace.js";

/** States of `/proc/net/tcp` (include/net/tcp_states.h) in which nothing is sent by itself. */
const listen = "0A";
const timeWait = "06";

/**
 * The TCP sockets of a port, local or remote, that are not closed, also those that no program holds
 * any more but the kernel still sends for.
 */
export async function openConnections(
  at: Runner,
  port: number,
): Promise<readonly ("listen" | "open")[]> {
  const { stdout } = await at.tryRun(["cat", "/proc/net/tcp", "/proc/net/tcp6"]);
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  // NUMBER: LOCAL:PORT REMOTE:PORT STATE ...
  const row = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]{2}) /gm;
  return [...stdout.matchAll(row)]
    .filter(([, local, remote, state]) => {
      return (local === hexPort || remote === hexPort) && state !== timeWait;
    })
    .map(([, , , state]) => (state === listen ? "listen" : "open"));
}
