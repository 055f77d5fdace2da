import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { schemaText } from "./schema/schema-text.js";

/**
 * Writes `tunnels/schema/*.v1.json` below the folder it is started in, the project's root:
 * `node dist/tunnels/generate-schemas.js`.
 */
for (const kind of ["gateway", "tunnels"] as const) {
  const file = join("tunnels", "schema", `${kind}.v1.json`);
  writeFileSync(file, schemaText(kind));
  console.error(`wrote ${file}`);
}
