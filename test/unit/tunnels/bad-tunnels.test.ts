import {
  bad,
  GATEWAY,
  greWith,
  tenantFiles,
  VXLAN,
  vxlanWith,
  withAttachment,
  withTunnel,
} from "./harness.js";

const edit = (from: string, to: string) => withTunnel(VXLAN.replace(from, to));

bad("a tunnel file that is no object", tenantFiles("§7"), ["ADIT-1103", ""]);
bad("a file without a tenant", tenantFiles("§{}"), ["ADIT-1102", ""]);
bad("an empty tenant name", tenantFiles('{ "tenant": §"" }'), ["ADIT-1201", "/tenant"]);
bad("a tenant name with a line break", tenantFiles('{ "tenant": §"a\\nb" }'), [
  "ADIT-1201",
  "/tenant",
]);
bad("tenant beside tenants", tenantFiles('{ §"tenant": "a", "tenants": [] }'), ["ADIT-1101", ""]);
bad(
  "one tenant in two files",
  {
    "adit.json": GATEWAY,
    "tunnels.d/a.json": '{ "tenant": "acme" }',
    "tunnels.d/b.json": '{ "tenants": [{ "tenant": "beta" }, { "tenant": §"acme" }] }',
  },
  ["ADIT-1303", "/tenants/1/tenant"],
);
bad("a description that is no text", tenantFiles('{ "tenant": "a", "description": §1 }'), [
  "ADIT-1103",
  "/description",
]);

bad("a VNI of 25 bits", edit("5001", "§16777216"), ["ADIT-1203", "/tunnels/0/vni"]);
bad("a negative VNI", edit("5001", "§-1"), ["ADIT-1203", "/tunnels/0/vni"]);
bad("a VNI as text", edit("5001", '§"5001"'), ["ADIT-1103", "/tunnels/0/vni"]);
bad("VXLAN without a VNI", withTunnel(`§${VXLAN.replace('"vni": 5001, ', "")}`), [
  "ADIT-1102",
  "/tunnels/0",
]);
bad(
  "a misspelt VNI",
  withTunnel(`§${VXLAN.replace('"vni"', '§"vnii"')}`),
  ["ADIT-1102", "/tunnels/0"],
  ["ADIT-1101", "/tunnels/0"],
);
bad("a tunnel without a type", withTunnel(`§${VXLAN.replace('"type": "vxlan", ', "")}`), [
  "ADIT-1102",
  "/tunnels/0",
]);
bad("an unknown type", edit('"vxlan"', '§"vxlna"'), ["ADIT-1104", "/tunnels/0/type"]);
bad("a type that is no text", edit('"vxlan"', "§7"), ["ADIT-1103", "/tunnels/0/type"]);
bad("a key of another type", vxlanWith('§"key": 7'), ["ADIT-1101", "/tunnels/0"]);
bad("a tunnel without local", withTunnel(`§${VXLAN.replace('"local": "192.0.2.1", ', "")}`), [
  "ADIT-1102",
  "/tunnels/0",
]);
for (const text of [
  "192.0.2",
  "192.0.2.01",
  "192.0.2.1 ",
  "192.0.2.1/32",
  "",
  "fe80::1%eth0",
  "x",
]) {
  bad(`the local address ${JSON.stringify(text)}`, edit('"192.0.2.1"', `§"${text}"`), [
    "ADIT-1207",
    "/tunnels/0/local",
  ]);
}
for (const text of ["224.0.0.5", "0.0.0.0", "255.255.255.255", "192.0.2.255", "ff02::1", "::"]) {
  bad(`the remote address ${text}`, edit('"198.51.100.7"', `§"${text}"`), [
    "ADIT-1210",
    "/tunnels/0/remote",
  ]);
}
bad("a multicast local address", edit('"192.0.2.1"', '§"239.1.1.1"'), [
  "ADIT-1210",
  "/tunnels/0/local",
]);
bad("an IPv4-mapped remote", edit('"198.51.100.7"', '§"::ffff:198.51.100.7"'), [
  "ADIT-1211",
  "/tunnels/0/remote",
]);
bad("addresses of both families", edit('"198.51.100.7"', '§"2001:db8::7"'), [
  "ADIT-1304",
  "/tunnels/0/remote",
]);
bad("local as remote", edit('"198.51.100.7"', '§"192.0.2.1"'), ["ADIT-1305", "/tunnels/0/remote"]);
bad("a remote number", edit('"198.51.100.7"', "§7"), ["ADIT-1103", "/tunnels/0/remote"]);
bad("an empty list of remotes", edit('"198.51.100.7"', "§[]"), ["ADIT-1105", "/tunnels/0/remote"]);
bad("UDP port 0", vxlanWith('"udpPort": §0'), ["ADIT-1203", "/tunnels/0/udpPort"]);
bad("UDP port 65536", vxlanWith('"udpPort": §65536'), ["ADIT-1203", "/tunnels/0/udpPort"]);
bad("a reversed port range", vxlanWith('"sourcePorts": §[65535, 49152]'), [
  "ADIT-1212",
  "/tunnels/0/sourcePorts",
]);
bad("a port range of one", vxlanWith('"sourcePorts": §[49152]'), [
  "ADIT-1106",
  "/tunnels/0/sourcePorts",
]);
bad("a port range past its end", vxlanWith('"sourcePorts": [1, §65536]'), [
  "ADIT-1203",
  "/tunnels/0/sourcePorts/1",
]);
bad("TTL 0", vxlanWith('"ttl": §0'), ["ADIT-1203", "/tunnels/0/ttl"]);
bad("TTL 256", greWith('"ttl": §256'), ["ADIT-1203", "/tunnels/0/ttl"]);
bad("DSCP 64", greWith('"dscp": §64'), ["ADIT-1203", "/tunnels/0/dscp"]);
bad("a TTL that is a misspelt word", greWith('"ttl": §"inherited"'), [
  "ADIT-1104",
  "/tunnels/0/ttl",
]);
bad("df true", greWith('"df": §true'), ["ADIT-1103", "/tunnels/0/df"]);
bad("a GRE key of 33 bits", greWith('"key": §4294967296'), ["ADIT-1203", "/tunnels/0/key"]);
bad("a VNI on GRE", greWith('§"vni": 1'), ["ADIT-1101", "/tunnels/0"]);
bad(
  "several errors of one tunnel at once",
  withTunnel(
    '{ "name": "ams", "type": "vxlan", "vni": §-1, "local": §"224.0.0.1", "remote": §"x", "ttl": §0 }',
  ),
  ["ADIT-1203", "/tunnels/0/vni"],
  ["ADIT-1210", "/tunnels/0/local"],
  ["ADIT-1207", "/tunnels/0/remote"],
  ["ADIT-1203", "/tunnels/0/ttl"],
);

const ATTACHMENT = '{ "name": "lan", "port": "access", "vlan": 100 }';
const editLan = (from: string, to: string) => withAttachment(ATTACHMENT.replace(from, to));
bad("VID 0", editLan("100", "§0"), ["ADIT-1203", "/attachments/0/vlan"]);
bad("VID 4095", editLan("100", "§4095"), ["ADIT-1203", "/attachments/0/vlan"]);
bad("a VID as text", editLan("100", '§"100"'), ["ADIT-1104", "/attachments/0/vlan"]);
bad("a QinQ object without inner", editLan("100", '§{ "outer": 1 }'), [
  "ADIT-1102",
  "/attachments/0/vlan",
]);
bad("pcp 8", editLan("100", '100, "pcp": §8'), ["ADIT-1203", "/attachments/0/pcp"]);
bad("an attachment's MTU", editLan("100", '100, "mtu": §500'), ["ADIT-1203", "/attachments/0/mtu"]);
bad("an unknown port", editLan('"access"', '§"acces"'), ["ADIT-1310", "/attachments/0/port"]);
bad("a group MAC of a next hop", editLan("100", '100, "nextHopMac": §"01:00:00:00:00:00"'), [
  "ADIT-1205",
  "/attachments/0/nextHopMac",
]);
bad(
  "two attachments with one tag",
  tenantFiles(`{ "tenant": "a", "attachments": [
    { "name": "a", "port": "access", "vlan": 7 },
    §{ "name": "b", "port": "access", "vlan": 7 }] }`),
  ["ADIT-1301", "/attachments/1"],
);
bad(
  "two untagged attachments of two tenants",
  {
    "adit.json": GATEWAY,
    "tunnels.d/a.json": '{ "tenant": "a", "attachments": [{ "name": "a", "port": "access" }] }',
    "tunnels.d/b.json":
      '{ "tenant": "b", "attachments": [§{ "name": "a", "port": "access", "vlan": "untagged" }] }',
  },
  ["ADIT-1301", "/attachments/0"],
);

const tunnels = (...list: string[]) =>
  tenantFiles(`{ "tenant": "acme", "tunnels": [\n${list.join(",\n")}\n] }`);
const twin = (type: string, keys: string, remote = "198.51.100.7", name = "b") =>
  `{ "name": "${name}", "type": "${type}", "local": "192.0.2.1", "remote": "${remote}"${keys} }`;
bad("two names alike", tunnels(VXLAN, VXLAN.replace('"ams"', '§"ams"').replace("5001", "5002")), [
  "ADIT-1302",
  "/tunnels/1/name",
]);
bad(
  "an attachment and a tunnel of one name",
  tenantFiles(`{ "tenant": "acme", "attachments": [{ "name": "ams", "port": "access" }],
    "tunnels": [${VXLAN.replace('"ams"', '§"ams"')}] }`),
  ["ADIT-1302", "/tunnels/0/name"],
);
bad(
  "two VXLAN tunnels for one packet",
  tunnels(VXLAN, `§${twin("vxlan", ', "vni": 5001, "udpPort": 4789')}`),
  ["ADIT-1306", "/tunnels/1"],
);
bad(
  "two IPv6 tunnels for one packet, however written",
  tunnels(
    '{ "name": "a", "type": "gre", "key": 0, "local": "2001:db8::1", "remote": "2001:db8::2" }',
    '§{ "name": "b", "type": "gre", "key": 0, "local": "2001:DB8:0::1", "remote": "2001:db8::0:2" }',
  ),
  ["ADIT-1306", "/tunnels/1"],
);
bad(
  "two GRE tunnels without key",
  tunnels(twin("gre", "", "198.51.100.7", "a"), `§${twin("gre", "")}`),
  ["ADIT-1306", "/tunnels/1"],
);
bad(
  "one packet's tunnels in two tenants",
  {
    "adit.json": GATEWAY,
    "tunnels.d/a.json": `{ "tenant": "a", "tunnels": [${VXLAN}] }`,
    "tunnels.d/b.json": `{ "tenant": "b", "tunnels": [§${VXLAN}] }`,
  },
  ["ADIT-1306", "/tunnels/0"],
);

const joined = (crossConnects: string) =>
  tenantFiles(`{
  "tenant": "acme",
  "attachments": [${ATTACHMENT}, { "name": "lab", "port": "access", "vlan": 101 }],
  "tunnels": [${VXLAN}, ${VXLAN.replace("ams", "ber").replace("5001", "5002")}],
  "crossConnects": [${crossConnects}]
}`);
bad("a cross-connect with itself", joined('{ "between": ["lan", §"lan"] }'), [
  "ADIT-1308",
  "/crossConnects/0/between/1",
]);
bad("an unknown member", joined('{ "between": ["lan", §"amz"] }'), [
  "ADIT-1309",
  "/crossConnects/0/between/1",
]);
bad(
  "a member in two services",
  joined('{ "between": ["lan", "ams"] }, { "between": [§"lan", "ber"] }'),
  ["ADIT-1307", "/crossConnects/1/between/0"],
);
bad("a cross-connect of three", joined('{ "between": §["lan", "ams", "ber"] }'), [
  "ADIT-1106",
  "/crossConnects/0/between",
]);
bad("a cross-connect of none", joined('{ "between": §[] }'), [
  "ADIT-1105",
  "/crossConnects/0/between",
]);
bad("a cross-connect without between", joined("§{}"), ["ADIT-1102", "/crossConnects/0"]);
bad(
  "a member of another tenant",
  {
    "adit.json": GATEWAY,
    "tunnels.d/a.json": '{ "tenant": "a", "attachments": [{ "name": "lan", "port": "access" }] }',
    "tunnels.d/b.json": `{ "tenant": "b", "tunnels": [${VXLAN}], "crossConnects": [{ "between": [§"lan", "ams"] }] }`,
  },
  ["ADIT-1309", "/crossConnects/0/between/0"],
);
bad(
  "errors of all files at once",
  {
    "adit.json": '{ "ports": [{ "name": "underlay" }, { "name": "access", "mtu": §1 }], §"x": 1 }',
    "tunnels.d/a.json": "{ }§}",
    "tunnels.d/b.json": '{ "tenant": "b", "attachments": [{ "name": "n", "port": §"z" }] }',
  },
  ["ADIT-1203", "/ports/1/mtu"],
  ["ADIT-1101", ""],
  ["ADIT-1006", ""],
  ["ADIT-1310", "/attachments/0/port"],
);

for (const keys of [
  '"local": 5, "remote": "198.51.100.7"',
  '"local": "192.0.2.1", "remote": {}',
  '"local": "192.0.2.1", "remote": "any", "acceptFrom": [null]',
  '"local": "192.0.2.1", "remote": "any", "acceptFrom": [["198.51.100.0/24"]]',
]) {
  bad(
    `a tunnel of no known type with ${keys}`,
    withTunnel(`{ "name": "ams", "type": §"vxlam", ${keys} }`),
    ["ADIT-1104", "/tunnels/0/type"],
  );
}
