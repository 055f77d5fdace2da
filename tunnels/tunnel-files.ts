import { existsSync, readdirSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { errorName } from "./json/read-file.js";
import { hasWildcard, matchesWildcard } from "./text/wildcard.js";

/** Default of `tunnelFiles`. */
export const DEFAULT_TUNNEL_FILES = ["tunnels.d/*.json"] as const;

/** What one entry of `tunnelFiles` leads to. */
export interface FoundFiles {
  /** In name order. */
  readonly files: readonly string[];
  /** `missing`: a plain path that does not exist; `empty`: a pattern that matches nothing. */
  readonly trouble?: "missing" | "empty" | { readonly folder: string; readonly reason: string };
}

/**
 * Finds the files of one entry, relative to the gateway file's folder. `*` and `?` match within
 * one name and never a leading dot, so that the `..data` links of Kubernetes are passed over.
 */
export function findTunnelFiles(gatewayFile: string, entry: string): FoundFiles {
  if (!hasWildcard(entry)) {
    const path = isAbsolute(entry) ? entry : join(dirname(gatewayFile), entry);
    return existsSync(path) ? { files: [path] } : { files: [], trouble: "missing" };
  }
  let found = [isAbsolute(entry) ? "/" : dirname(gatewayFile)];
  for (const segment of entry.split("/").filter((part) => part !== "")) {
    const next: string[] = [];
    for (const folder of found) {
      const matched = matchSegment(folder, segment);
      if (!Array.isArray(matched)) {
        return { files: [], trouble: { folder, reason: matched.reason } };
      }
      next.push(...matched);
    }
    found = next;
  }
  return found.length === 0 ? { files: [], trouble: "empty" } : { files: found };
}

/** Paths in a folder that one part of a pattern matches; none if there is no such folder. */
function matchSegment(folder: string, segment: string): string[] | { readonly reason: string } {
  if (!hasWildcard(segment)) {
    const path = join(folder, segment);
    return existsSync(path) ? [path] : [];
  }
  try {
    const names = readdirSync(folder).filter(
      (name) => !name.startsWith(".") && matchesWildcard(name, segment),
    );
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    const reason = errorName(error);
    return reason === "ENOENT" || reason === "ENOTDIR" ? [] : { reason };
  }
}
