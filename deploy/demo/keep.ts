import { aditProgram, type Gateway } from "../lab/gateway.js";
import { inner, type Scenario } from "../lab/scenario.js";
import { underlayDevice } from "../lab/tenant-plan.js";

/** Commands for a second terminal, while the lab is kept. */
export function thingsToTry({ gateway, fabric, tenants }: Scenario, running: Gateway): string {
  const inGateway = `ip netns exec ${gateway.name} node ${aditProgram}`;
  const asked = `-c ${running.file}`;
  const lines = ["Try these in another terminal, as root:", ""];
  for (const { host, plan } of tenants) {
    lines.push(`  # ${plan.name}'s host pings its peer; both tenants use the same addresses`);
    lines.push(`  ip netns exec ${host.name} ping ${inner.peer}`);
  }
  lines.push(
    "",
    "  # what the gateway counted",
    `  ${inGateway} status ${asked}`,
    `  ${inGateway} show tunnels -s ${asked}`,
    `  ${inGateway} show drops ${asked}`,
    `  ${inGateway} show workers ${asked}`,
    "",
    "  # the outer headers, on the router between the gateway and its peers",
    `  ip netns exec ${fabric.namespace.name} tcpdump -n -e -i site0 udp port 4789 or ip proto 47`,
    "",
    "  # the gateway's own stack still answers on the port where the tunnels end",
    `  ip netns exec ${gateway.name} ip address show ${underlayDevice}`,
  );
  for (const { tunnelFile } of tenants) lines.push(`  cat ${tunnelFile}`);
  return lines.join("\n");
}
