import { readFileSync } from "node:fs";

const defaultSocket = "/run/adit/adit.sock";

/**
 * The control socket that a gateway file names, for commands that talk to its daemon. They work also
 * when the file has become invalid meanwhile, so it is not checked here.
 */
export function controlSocket(gatewayFile: string): string {
  try {
    const file: unknown = JSON.parse(readFileSync(gatewayFile, "utf8"));
    const control = property(property(file, "listen"), "control");
    return typeof control === "string" ? control : defaultSocket;
  } catch {
    return defaultSocket;
  }
}

function property(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
