/** `adit` inside a guest, for network cards whose drivers can do what a veth cannot. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunResult } from "./namespace.js";
import type { QemuGuest } from "./qemu-guest.js";
import { waitFor } from "./wait.js";

const project = fileURLToPath(new URL("../../../", import.meta.url));
const folder = "/adit";
const file = `${folder}/adit.json`;
const program = ["node", `${folder}/dist/gateway/main.js`];

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

/** What a guest needs to run this build of the program. */
export function aditInGuest(): {
  readonly programs: readonly string[];
  readonly files: readonly (readonly [string, string])[];
} {
  const lock = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")) as Lockfile;
  const packages = Object.entries(lock.packages).filter(([path, { dev }]) => path !== "" && !dev);
  // What lies in a package's own node_modules comes with it.
  const outer = packages
    .map(([path]) => path)
    .filter((path) => path.split("/node_modules/")[1] === undefined);
  const own = ["dist/gateway", "dist/native", "dist/tunnels", "build/adit.node", "package.json"];
  const files = [...own, ...outer].map(
    (path) => [join(project, path), `${folder}/${path}`] as const,
  );
  return { programs: [process.execPath], files };
}

/** A gateway that runs in a guest until that ends. */
export class GuestGateway {
  private constructor(private readonly guest: QemuGuest) {}

  /** Starts it, with one tunnel file, and returns when all its ports are open. */
  static async start(
    guest: QemuGuest,
    gateway: { readonly ports: readonly object[] },
    tunnels: object,
  ): Promise<GuestGateway> {
    const documents = [
      [
        file,
        {
          ...gateway,
          tunnelFiles: ["tunnels.json"],
          listen: { control: "/run/adit.sock", http: false },
        },
      ],
      [`${folder}/tunnels.json`, tunnels],
    ] as const;
    for (const [path, document] of documents) {
      await guest.run(["sh", "-c", `printf %s "$1" > ${path}`, "sh", JSON.stringify(document)]);
    }
    await guest.run(["sh", "-c", `${program.join(" ")} run -c ${file} >/run/adit.log 2>&1 &`]);
    const opened = `[ $(grep -c ADIT-2130 /run/adit.log) = ${gateway.ports.length} ]`;
    // Without KVM a program takes seconds to start, and each one that asks for it takes as many.
    await waitFor(
      "gateway in the guest",
      async () => (await guest.tryRun(["sh", "-c", opened])).exitCode === 0,
      { timeoutMs: 60_000, intervalMs: 500 },
    ).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await guest.run(["cat", "/run/adit.log"])}`);
    });
    return new GuestGateway(guest);
  }

  /** One of the program's commands. */
  command(...args: string[]): Promise<RunResult> {
    return this.guest.tryRun(
      ["node", `${folder}/dist/gateway/main.js`, ...args, "-c", file],
      60_000,
    );
  }

  /** A `show` document. @throws {Error} with what was said, and the log, when there is none. */
  async show<T>(topic: string): Promise<T> {
    const { stdout, stderr, exitCode } = await this.command("show", topic, "-j");
    if (exitCode === 0) return JSON.parse(stdout) as T;
    throw new Error(
      `show ${topic}: ${stderr}${stdout}\n${await this.guest.run(["cat", "/run/adit.log"])}`,
    );
  }
}
