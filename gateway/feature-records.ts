import { readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type PortInfo, restoreFeatures } from "../native/index.js";

/** A line for the log about an interface. */
export type Tell = (text: string, fields: Readonly<Record<string, string>>) => void;

/**
 * Remembers on disk which interface features were turned off, so that the next start puts back what a
 * killed process could not. Records stand beside the control socket, one an interface, by network
 * namespace and ifindex: another interface of the same name is never touched.
 */
export class FeatureRecords {
  readonly #directory: string;
  readonly #namespace: string;
  readonly #written: string[] = [];

  constructor(controlSocket: string) {
    this.#directory = dirname(controlSocket);
    this.#namespace = readlinkSync("/proc/self/ns/net").replace(/\D/g, "");
  }

  /** Puts back what a former process left turned off on these interfaces. */
  restore(interfaceNames: readonly string[], tell: Tell): void {
    for (const name of interfaceNames) {
      const ifindex = readIfindex(name);
      if (ifindex !== undefined) this.#restoreOne(name, this.#path(ifindex), tell);
    }
  }

  /** Notes what is turned off now. */
  write(ports: readonly PortInfo[]): void {
    for (const port of ports) {
      if (port.featuresOff.length === 0) continue;
      const path = this.#path(port.ifindex);
      const record = { interface: port.interface, features: port.featuresOff };
      writeFileSync(path, `${JSON.stringify(record)}\n`);
      this.#written.push(path);
    }
  }

  /** After a clean end everything is back as it was. */
  remove(): void {
    for (const path of this.#written) rmSync(path, { force: true });
  }

  #restoreOne(name: string, path: string, tell: Tell): void {
    const features = readRecord(path);
    if (features.length === 0) return;
    const refused = restoreFeatures(name, features);
    rmSync(path, { force: true });
    const restored = features.filter((feature) => !refused.includes(feature));
    tell("interface features that a former run left off are on again", {
      interface: name,
      features: restored.join(", "),
    });
  }

  #path(ifindex: number): string {
    return join(this.#directory, `features-${this.#namespace}-${ifindex}.json`);
  }
}

function readIfindex(name: string): number | undefined {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, "utf8").trim());
  } catch {
    return undefined;
  }
}

/** The features of a record; none where there is no record or it is damaged. */
function readRecord(path: string): string[] {
  try {
    const record: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof record !== "object" || record === null || !("features" in record)) return [];
    const { features } = record;
    if (!Array.isArray(features)) return [];
    return features.filter((feature): feature is string => typeof feature === "string");
  } catch {
    return [];
  }
}
