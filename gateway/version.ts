import { readFileSync } from "node:fs";

/** Version of package.json, two folders above `dist/gateway/`. */
export function version(): string {
  const url = new URL("../../package.json", import.meta.url);
  const manifest = JSON.parse(readFileSync(url, "utf8")) as { readonly version: string };
  return manifest.version;
}
