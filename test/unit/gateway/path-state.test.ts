import assert from "node:assert/strict";
import { test } from "node:test";
import { pathNotes, pathState } from "../../../gateway/show/path-state.js";
import type { NextHopInfo } from "../../../native/index.js";
import type { CompiledTunnel } from "../../../tunnels/index.js";

const mac = new Uint8Array(6);
const hop: NextHopInfo = { status: "up", port: 0, source: mac, destination: mac, mtu: 1500 };
const path = { mtu: 1400, secondsLeft: 599 };
const lastError = { type: 3, code: 3, count: 7, secondsAgo: 4 };

function tunnel(learnPath: boolean, addressBytes = 4): CompiledTunnel {
  return { learnPath, local: new Uint8Array(addressBytes) } as unknown as CompiledTunnel;
}

test("pathState() tells the port's MTU, or what was learned where that is less", () => {
  const ofPort = { pathMtu: 1500, pathMtuFrom: "port" };
  assert.deepEqual(pathState(tunnel(true), hop), ofPort);
  assert.deepEqual(pathState(tunnel(true), { ...hop, path }), {
    pathMtu: 1400,
    pathMtuFrom: "learned",
    pathMtuSecondsLeft: 599,
  });
  assert.deepEqual(pathState(tunnel(false), { ...hop, path }), ofPort);
  assert.deepEqual(pathState(tunnel(true), { ...hop, mtu: 1400, path }), {
    ...ofPort,
    pathMtu: 1400,
  });
});

test("pathState() tells no MTU of a way that is not there, but what was said of it", () => {
  assert.deepEqual(pathState(tunnel(true), undefined), {});
  const { pathMtu, lastError: told } = pathState(tunnel(true), {
    ...hop,
    status: "no_neighbor",
    path,
    lastError,
  });
  assert.equal(pathMtu, undefined);
  assert.deepEqual(told, {
    ...lastError,
    meaning: "nothing listens on the UDP port at the remote",
  });
});

test("pathState() reads type and code by the family of the tunnel", () => {
  const meaning = (bytes: number, type: number, code: number) =>
    pathState(tunnel(true, bytes), { ...hop, lastError: { ...lastError, type, code } }).lastError
      ?.meaning;
  assert.equal(meaning(4, 3, 1), "host unreachable");
  assert.equal(meaning(16, 3, 1), "the remote could not put fragments together");
  assert.equal(meaning(4, 12, 9), "ICMP type 12, code 9");
});

test("pathNotes() has a sentence for what was learned and one for what was said", () => {
  assert.deepEqual(pathNotes(pathState(tunnel(true), hop)), []);
  assert.deepEqual(pathNotes(pathState(tunnel(true), { ...hop, path, lastError })), [
    "path MTU 1400 learned, for another 599 s",
    "ICMP errors: 7, the last 4 s ago: nothing listens on the UDP port at the remote (3/3)",
  ]);
});
