import { bad, VXLAN } from "./harness.js";

const gateway = (text: string) => ({ "adit.json": text });
const port = (keys: string) => gateway(`{\n  "ports": [\n    { "name": "p", ${keys} }\n  ]\n}`);

bad("a gateway file that is no object", gateway("§[]"), ["ADIT-1103", ""]);
bad("null as a gateway file", gateway("§null"), ["ADIT-1103", ""]);
bad("an unknown key", gateway('{ §"port": [] }'), ["ADIT-1101", ""]);
bad("an unknown key of a port", port('§"intf": "eth0"'), ["ADIT-1101", "/ports/0"]);
bad("a port without a name", gateway('{ "ports": [§{ "interface": "eth0" }] }'), [
  "ADIT-1102",
  "/ports/0",
]);
bad("ports that are no list", gateway('{ "ports": §{} }'), ["ADIT-1103", "/ports"]);
bad("a port that is no object", gateway('{ "ports": [§7] }'), ["ADIT-1103", "/ports/0"]);
for (const name of ["", "a/b", "..", "a b", "-a", "x.kernel", "a=b", "a:b", "é", "a".repeat(65)]) {
  bad(`the port name ${JSON.stringify(name)}`, gateway(`{ "ports": [{ "name": §"${name}" }] }`), [
    "ADIT-1201",
    "/ports/0/name",
  ]);
}
bad(
  "two ports of one name",
  gateway('{ "ports": [{ "name": "a" }, { "name": "b" }, { "name": §"a" }] }'),
  ["ADIT-1302", "/ports/2/name"],
);
bad(
  "two ports on one interface",
  gateway('{ "ports": [{ "name": "a", "interface": "e" }, { "name": "b", "interface": §"e" }] }'),
  ["ADIT-1311", "/ports/1/interface"],
);
for (const name of ["", ".", "..", "a/b", "a b", "sixteen-letters0"]) {
  bad(`the interface name ${JSON.stringify(name)}`, port(`"interface": §"${name}"`), [
    "ADIT-1206",
    "/ports/0/interface",
  ]);
}
for (const mac of ["02:00:00:00:00", "02-00-00-00-00-01", "2:0:0:0:0:1", "02:00:00:00:00:0g"]) {
  bad(`the MAC ${mac}`, port(`"mac": §"${mac}"`), ["ADIT-1204", "/ports/0/mac"]);
}
bad("a group MAC", port('"mac": §"01:00:5e:00:00:01"'), ["ADIT-1205", "/ports/0/mac"]);
bad("the broadcast MAC", port('"mac": §"ff:ff:ff:ff:ff:ff"'), ["ADIT-1205", "/ports/0/mac"]);
bad("the zero MAC", port('"mac": §"00:00:00:00:00:00"'), ["ADIT-1205", "/ports/0/mac"]);
bad("MTU 575", port('"mtu": §575'), ["ADIT-1203", "/ports/0/mtu"]);
bad("MTU 65536", port('"mtu": §65536'), ["ADIT-1203", "/ports/0/mtu"]);
bad("MTU as text", port('"mtu": §"1500"'), ["ADIT-1103", "/ports/0/mtu"]);
bad("MTU 1500.5, once", port('"mtu": §1500.5'), ["ADIT-1202", "/ports/0/mtu"]);
bad("MTU 1500.0", port('"mtu": §1500.0'), ["ADIT-1202", "/ports/0/mtu"]);
bad("MTU 15e2", port('"mtu": §15e2'), ["ADIT-1202", "/ports/0/mtu"]);
bad("MTU 1e308, once", port('"mtu": §1e308'), ["ADIT-1202", "/ports/0/mtu"]);
bad("a number only rounding makes whole", port('"mtu": §1500.00000000000000001'), [
  "ADIT-1202",
  "/ports/0/mtu",
]);
bad("headroom -0", port('"headroom": §-0'), ["ADIT-1202", "/ports/0/headroom"]);
bad("headroom -1", port('"headroom": §-1'), ["ADIT-1203", "/ports/0/headroom"]);
bad("an integer beyond what a number can hold", port('"headroom": §99999999999999999999'), [
  "ADIT-1203",
  "/ports/0/headroom",
]);
bad("an address without a length", port('"addresses": [§"192.0.2.1"]'), [
  "ADIT-1208",
  "/ports/0/addresses/0",
]);
bad("an interface address that is multicast", port('"addresses": [§"224.0.0.1/24"]'), [
  "ADIT-1210",
  "/ports/0/addresses/0",
]);
bad("headroom and 1024 over frameSize", port('"frameSize": 2048, "headroom": §1025'), [
  "ADIT-1313",
  "/ports/0/headroom",
]);
bad("headroom and 1024 over the default frame size", port('"headroom": §1025'), [
  "ADIT-1313",
  "/ports/0/headroom",
]);
bad("headroom past every frame", port('"frameSize": 4096, "headroom": §3073'), [
  "ADIT-1203",
  "/ports/0/headroom",
]);
bad("reservedHeadroom past what there is", port('"headroom": 10, "reservedHeadroom": §267'), [
  "ADIT-1315",
  "/ports/0/reservedHeadroom",
]);
bad("frameSize 3000", port('"frameSize": §3000'), ["ADIT-1104", "/ports/0/frameSize"]);
bad("ringSize 32", port('"ringSize": §32'), ["ADIT-1203", "/ports/0/ringSize"]);
bad("ringSize 65536", port('"ringSize": §65536'), ["ADIT-1203", "/ports/0/ringSize"]);
bad("ringSize 1000", port('"ringSize": §1000'), ["ADIT-1213", "/ports/0/ringSize"]);
bad("queues 0", port('"queues": §0'), ["ADIT-1203", "/ports/0/queues"]);
bad('queues "some"', port('"queues": §"some"'), ["ADIT-1104", "/ports/0/queues"]);
bad("queues true", port('"queues": §true'), ["ADIT-1103", "/ports/0/queues"]);
bad("an unknown xdpMode", port('"xdpMode": §"natve"'), ["ADIT-1104", "/ports/0/xdpMode"]);
bad("busyPoll as a word", port('"busyPoll": §"on"'), ["ADIT-1103", "/ports/0/busyPoll"]);
bad("zeroCopy as a boolean", port('"zeroCopy": §true'), ["ADIT-1103", "/ports/0/zeroCopy"]);

bad("an empty list of CPUs", gateway('{ "workers": { "cpus": §[] } }'), [
  "ADIT-1105",
  "/workers/cpus",
]);
bad("a CPU listed twice", gateway('{ "workers": { "cpus": [2, 3, §2] } }'), [
  "ADIT-1317",
  "/workers/cpus/2",
]);
bad("no workers", gateway('{ "workers": §0 }'), ["ADIT-1203", "/workers"]);
bad("an unknown key of workers", gateway('{ "workers": { §"cpu": [1], "cpus": [1] } }'), [
  "ADIT-1101",
  "/workers",
]);

const lab = (rest: string) => gateway(`{ "ports": [{ "name": "underlay" }], ${rest} }`);
const MAC = '"mac": "02:00:00:00:00:09"';
bad(
  "a neighbor on an unknown port",
  lab(`"neighbors": [{ "address": "192.0.2.9", ${MAC}, "port": §"underlai" }]`),
  ["ADIT-1310", "/neighbors/0/port"],
);
bad(
  "a neighbor that is multicast",
  lab(`"neighbors": [{ "address": §"ff02::1", ${MAC}, "port": "underlay" }]`),
  ["ADIT-1210", "/neighbors/0/address"],
);
bad(
  "a neighbor with a group MAC",
  lab('"neighbors": [{ "address": "192.0.2.9", "mac": §"03:00:00:00:00:01", "port": "underlay" }]'),
  ["ADIT-1205", "/neighbors/0/mac"],
);
bad(
  "a neighbor given twice, however written",
  lab(`"neighbors": [{ "address": "2001:db8::1", ${MAC}, "port": "underlay" },
    §{ "address": "2001:DB8:0::1", ${MAC}, "port": "underlay" }]`),
  ["ADIT-1316", "/neighbors/1"],
);
bad("a route with host bits", lab('"routes": [{ "prefix": §"10.0.0.1/8", "port": "underlay" }]'), [
  "ADIT-1209",
  "/routes/0/prefix",
]);
bad(
  "a route given twice",
  lab(`"routes": [{ "prefix": "10.0.0.0/8", "port": "underlay" },
    §{ "prefix": "10.0.0.0/8", "port": "underlay", "via": "192.0.2.9" }]`),
  ["ADIT-1316", "/routes/1"],
);
bad(
  "a route with a next hop of the other family",
  lab('"routes": [{ "prefix": "10.0.0.0/8", "via": §"2001:db8::1", "port": "underlay" }]'),
  ["ADIT-1304", "/routes/0/via"],
);
bad("a route without a port", lab('"routes": [§{ "prefix": "10.0.0.0/8" }]'), [
  "ADIT-1102",
  "/routes/0",
]);
bad("host bits in block", gateway('{ "block": ["10.0.0.0/8", §"2001:db8::1/32"] }'), [
  "ADIT-1209",
  "/block/1",
]);
bad("a block entry without length", gateway('{ "block": [§"10.0.0.0"] }'), [
  "ADIT-1208",
  "/block/0",
]);
bad("a block entry with length 033", gateway('{ "block": [§"10.0.0.0/033"] }'), [
  "ADIT-1208",
  "/block/0",
]);

for (const http of [":9477", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "1.2.3:80", "::1:80"]) {
  bad(`listen.http ${http}`, gateway(`{ "listen": { "http": §"${http}" } }`), [
    "ADIT-1214",
    "/listen/http",
  ]);
}
bad("listen.http true", gateway('{ "listen": { "http": §true } }'), ["ADIT-1103", "/listen/http"]);
for (const path of ["", "adit.sock", "/run/", `/${"a".repeat(107)}`, "/run/a\\u0000b"]) {
  bad(`listen.control ${path}`, gateway(`{ "listen": { "control": §"${path}" } }`), [
    "ADIT-1215",
    "/listen/control",
  ]);
}
bad("an unknown log level", gateway('{ "log": { "level": §"verbose" } }'), [
  "ADIT-1104",
  "/log/level",
]);

bad("a tunnel file that does not exist", gateway('{ "tunnelFiles": [§"acme.json"] }'), [
  "ADIT-1011",
  "/tunnelFiles/0",
]);
bad("tunnelFiles that are no list", gateway('{ "tunnelFiles": §"*.json" }'), [
  "ADIT-1103",
  "/tunnelFiles",
]);
bad("an empty name in tunnelFiles", gateway('{ "tunnelFiles": [§""] }'), [
  "ADIT-1107",
  "/tunnelFiles/0",
]);

const tenant = `{ "tenant": "acme", "attachments": [{ "name": "lan", "port": "access" }],
  "tunnels": [${VXLAN}], "crossConnects": [{ "between": ["lan", "ams"] }] }`;
bad(
  "tunnels where every port has attachments",
  { "adit.json": '{ "ports": §[{ "name": "access" }] }', "tunnels.d/a.json": tenant },
  ["ADIT-1312", "/ports"],
);
bad(
  "tunnels without ports",
  { "adit.json": "§{}", "tunnels.d/a.json": `{ "tenant": "acme", "tunnels": [${VXLAN}] }` },
  ["ADIT-1312", ""],
);
const two = (access: string) => ({
  "adit.json": `{ "ports": [{ "name": "underlay" }, ${access}] }`,
  "tunnels.d/a.json": tenant,
});
bad(
  "a push deeper than the room, at the port",
  two('§{ "name": "access", "reservedHeadroom": 207 }'),
  ["ADIT-1314", "/ports/1"],
);
bad(
  "a push deeper than the room, at headroom",
  two('{ "name": "access", "reservedHeadroom": 256, "headroom": §49 }'),
  ["ADIT-1314", "/ports/1/headroom"],
);
