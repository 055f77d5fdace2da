import { parse } from "jsonc-parser";
import { at, type Place, rootOf } from "./check/place.js";
import type { Problems } from "./check/problems.js";
import type { JsonDocument } from "./json/document.js";
import { quote } from "./text/printable.js";
import { DEFAULT_TUNNEL_FILES, type FoundFiles, findTunnelFiles } from "./tunnel-files.js";

/** Every file that `tunnelFiles` leads to, once, in order. */
export function listTunnelFiles(gateway: JsonDocument, problems: Problems): string[] {
  const { entries, place, isDefault } = tunnelFileEntries(gateway);
  const files = new Set<string>();
  entries.forEach((entry, index) => {
    if (typeof entry !== "string" || entry === "") {
      return;
    }
    const found = findTunnelFiles(gateway.file, entry);
    reportTrouble(found, entry, isDefault ? place : at(place, index), isDefault, problems);
    for (const file of found.files) {
      files.add(file);
    }
  });
  return [...files];
}

interface Entries {
  readonly entries: readonly unknown[];
  readonly place: Place;
  /** Nobody wrote them: that they match nothing is no cause for a warning. */
  readonly isDefault: boolean;
}

/**
 * The entries of the gateway file. One that is not JSON is read as far as it goes, so that the
 * errors of the tunnel files are told in the same run.
 */
function tunnelFileEntries(gateway: JsonDocument): Entries {
  const root = rootOf(gateway);
  if (gateway.value === undefined && gateway.text === "") {
    return { entries: [], place: root, isDefault: true };
  }
  const value = gateway.value ?? tolerantValue(gateway);
  const isObject = typeof value === "object" && value !== null;
  if (isObject && "tunnelFiles" in value) {
    const entries = Array.isArray(value.tunnelFiles) ? (value.tunnelFiles as unknown[]) : [];
    return { entries, place: at(root, "tunnelFiles"), isDefault: false };
  }
  return { entries: DEFAULT_TUNNEL_FILES, place: root, isDefault: true };
}

/** What a lenient parser makes of a broken text; nothing if it is too deep for it. */
function tolerantValue({ text }: JsonDocument): unknown {
  try {
    return parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function reportTrouble(
  { trouble }: FoundFiles,
  entry: string,
  place: Place,
  isDefault: boolean,
  problems: Problems,
): void {
  if (trouble === undefined || (isDefault && trouble === "empty")) {
    return;
  }
  if (trouble === "empty") {
    const message = `the pattern ${quote(entry)} matches no file`;
    const fix = "put a tunnel file there, or name another folder";
    problems.warn(place, "ADIT-3004", { message, fix });
  } else if (trouble === "missing") {
    const message = `the file ${quote(entry)} does not exist`;
    const fix = "create it, or name the file that is meant";
    problems.error(place, "ADIT-1011", { message, fix });
  } else {
    const message = `the folder ${quote(trouble.folder)} cannot be read (${trouble.reason})`;
    const fix = "give this user read permission";
    problems.error(place, "ADIT-1001", { message, fix });
  }
}
