import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, loadErrors, loadValid, VXLAN, withTunnel } from "./harness.js";

/** The ports "underlay" and "access", the latter with an attachment, and one tunnel. */
const ports = (underlay: string, access: string, mark = "") => ({
  ...withTunnel(VXLAN),
  "adit.json": `{ "ports": ${mark}[{ "name": "underlay"${underlay} }, { "name": "access"${access} }] }`,
});
const taken = (underlay: string, access: string) =>
  loadValid(ports(underlay, access)).table.ports.map(({ takesTunnels }) => takesTunnels);

test("tunnel packets are taken where there are no attachments, or as it is said", () => {
  const [yes, no] = [', "tunnels": true', ', "tunnels": false'];
  assert.deepEqual(taken("", ""), [true, false]);
  assert.deepEqual(taken(yes, no), [true, false]);
  assert.deepEqual(taken("", yes), [true, true]);
  assert.deepEqual(taken(no, yes), [false, true]);
});

test("one port takes tunnel packets and has attachments", () => {
  const { table } = loadValid({
    ...withTunnel(VXLAN),
    "adit.json": '{ "ports": [{ "name": "access", "tunnels": true, "vlan": 100 }] }',
  });
  const [port] = table.ports;
  assert.deepEqual([port?.takesTunnels, port?.tunnelVlan], [true, 100]);
});

test("vlan is the tag of tunnel packets, and without it there is no such key", () => {
  const { table } = loadValid(ports(', "vlan": 4094', ""));
  assert.equal(table.ports[0]?.tunnelVlan, 4094);
  assert.equal("tunnelVlan" in (table.ports[1] ?? {}), false);
});

bad("no port that takes tunnels", ports(', "tunnels": false', "", "§"), ["ADIT-1312", "/ports"]);
bad("tunnels that is no boolean, alone", ports(', "tunnels": §"no"', ""), [
  "ADIT-1103",
  "/ports/0/tunnels",
]);
bad("port VLAN 0", ports(', "vlan": §0', ""), ["ADIT-1203", "/ports/0/vlan"]);
bad("port VLAN 4095", ports(', "vlan": §4095', ""), ["ADIT-1203", "/ports/0/vlan"]);
bad("a port VLAN as text", ports(', "vlan": §"untagged"', ""), ["ADIT-1103", "/ports/0/vlan"]);

test("the error of tunnels that no port takes names the key", () => {
  const [error] = loadErrors(ports(', "tunnels": false', ""));
  assert.equal(error?.message, "there is 1 tunnel, but ports[].tunnels is false on all of them");
  assert.match(error?.fix ?? "", /^write "tunnels": true on one/);
});

test("warns of a remote routed out of a port that is told not to take tunnels", () => {
  const files = ports(', "tunnels": false', ', "tunnels": true');
  const route = '"routes": [{ "prefix": "198.51.100.0/24", "port": "underlay" }]';
  const text = files["adit.json"].replace(/ }$/, `, ${route} }`);
  const { warnings } = loadValid({ ...files, "adit.json": text });
  const [routed] = warnings.filter(({ code }) => code === "ADIT-3005");
  assert.equal(
    routed?.message,
    'the remote 198.51.100.7 is routed out of "underlay", which takes no tunnel packets',
  );
});
