import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { controlSocket } from "./gateway.js";
import { formatJsonFile, type JsonObject } from "./json-file.js";
import type { Lab } from "./lab.js";

/** Small rings: with a port for each tenant the default would take hundreds of megabytes. */
const ringSize = 512;

/** Writes the files of a gateway with many tenants into the lab's folder; returns the gateway's. */
export async function writeTenantFiles(
  lab: Lab,
  ports: readonly string[],
  tenants: readonly JsonObject[],
): Promise<string> {
  const file = join(lab.folder, "adit.json");
  const gateway = {
    ports: ports.map((name) => ({ name, interface: name, ringSize })),
    tunnelFiles: ["tenants.json"],
    listen: { http: false, control: controlSocket(lab.folder) },
  };
  await writeFile(file, formatJsonFile(gateway));
  await writeFile(join(lab.folder, "tenants.json"), formatJsonFile({ tenants }));
  return file;
}
