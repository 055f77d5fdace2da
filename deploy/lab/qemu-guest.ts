import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Site } from "./fabric.js";
import type { Argv, Namespace, RunResult } from "./namespace.js";
import { QemuAgent } from "./qemu-agent.js";
import { type CardOptions, plugIn } from "./qemu-network.js";
import { waitFor } from "./wait.js";

const qemu = "qemu-system-x86_64";

/** A kernel that guests boot, as `qemu-kernel.sh` fetches it. */
export interface GuestKernel {
  readonly folder: string;
  /** The suite that it comes from; the machine's own unless given. */
  readonly suite?: string;
  readonly modules: readonly string[];
}

export const debianKernel: GuestKernel = {
  folder: ".cache/guest-kernel",
  modules: [
    ...["virtio_pci", "virtio_net", "virtio_console"],
    ...["ip_gre", "ip6_gre", "geneve", "vxlan", "8021q", "veth"],
  ],
};

/** New enough for zero copy on virtio network cards, which takes Linux 6.13. */
export const newestKernel: GuestKernel = {
  folder: ".cache/guest-kernel-newest",
  suite: "trixie-backports",
  modules: ["virtio_net"],
};

/** What a guest is, where it is not the plainest. */
export interface GuestOptions {
  readonly kernel?: GuestKernel;
  /** Paths of more programs that it has, each by its file's name. */
  readonly programs?: readonly string[];
  /** More files and folders that it has: where each is here, and in the guest. */
  readonly files?: readonly (readonly [from: string, to: string])[];
  readonly memoryMiB?: number;
  readonly cpus?: number;
  readonly cards?: CardOptions;
}

/** What this machine lacks to boot a guest, each with what mends it. */
export function missingForGuests(kernel = debianKernel): readonly string[] {
  const missing: string[] = [];
  if (process.arch !== "x64") missing.push("guests run this machine's programs, and need amd64");
  if (!onPath(qemu)) missing.push(`no program "${qemu}": apt-get install qemu-system-x86`);
  if (!onPath("busybox")) missing.push('no program "busybox": apt-get install busybox-static');
  if (!existsSync(join(inProject(kernel.folder), "vmlinuz"))) {
    const how = ["bash deploy/lab/qemu-kernel.sh", kernel.folder, kernel.suite ?? ""];
    missing.push(`no kernel for guests: ${how.join(" ").trim()}`);
  }
  return missing;
}

/**
 * A Debian kernel of its own in a virtual machine, for the tunnel and VLAN devices that this
 * machine's kernel may lack. It boots from memory, needs no KVM, and ends with the lab.
 */
export class QemuGuest {
  private constructor(
    readonly namespace: Namespace,
    private readonly agent: QemuAgent,
  ) {}

  /** Boots a guest whose network cards are these interfaces of a namespace, under their names. */
  static async boot(
    namespace: Namespace,
    nics: readonly string[],
    options: GuestOptions = {},
  ): Promise<QemuGuest> {
    const { kernel = debianKernel, programs = [], files = [] } = options;
    const prefix = join(namespace.lab.folder, namespace.label);
    const [image, socket] = [`${prefix}.initramfs`, `${prefix}.agent`];
    const packer = inProject("deploy/lab/qemu-initramfs.sh");
    const init = inProject("deploy/lab/qemu-init.sh");
    const more = files.map(([from, to]) => `${from}=${to}`);
    const contents = [...kernel.modules, "--", ...programs, "--", ...more];
    await namespace.run(["bash", packer, inProject(kernel.folder), init, image, ...contents]);
    const cards: string[] = [];
    for (const nic of nics) cards.push(...(await plugIn(namespace, nic, options.cards)));
    const agent = await QemuAgent.listen(socket);
    namespace.lab.defer(() => agent.close());
    const machine = namespace.spawn([qemu, ...machineOptions(image, socket, options), ...cards]);
    await waitFor(
      "guest that takes commands",
      () => agent.isReady || machine.exitCode !== undefined,
      { timeoutMs: 60_000 },
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${machine.stderr}${machine.stdout}`);
    });
    if (!agent.isReady) throw new Error(`QEMU ended:\n${machine.stderr}${machine.stdout}`);
    const guest = new QemuGuest(namespace, agent);
    const name = (nic: string, i: number) => [`link set eth${i} name ${nic}`, `link set ${nic} up`];
    await guest.ipBatch(nics.flatMap(name));
    return guest;
  }

  /** Runs a program inside to its end. @throws {Error} with its output when it fails. */
  async run(argv: Argv, timeoutMs?: number): Promise<string> {
    const { stdout, stderr, exitCode } = await this.tryRun(argv, timeoutMs);
    if (exitCode === 0) return stdout;
    const said = (stderr + stdout).trim();
    throw new Error(`in the guest: \`${argv.join(" ")}\` ended with ${exitCode}: ${said}`);
  }

  /** Runs a program inside to its end, which may be a failure. A hanging one is killed. */
  tryRun(argv: Argv, timeoutMs = 30_000): Promise<RunResult> {
    return this.agent.run(argv.map(quote).join(" "), timeoutMs);
  }

  /** Runs iproute2's `ip` inside, for each of these argument lists: in one process, for speed. */
  async ipBatch(commands: readonly string[]): Promise<void> {
    const feed = `printf '%s\\n' "$@" | ip -batch -`;
    await this.run(["sh", "-c", feed, "sh", ...commands]);
  }

  /** Puts a site's addresses and default routes on a network card. */
  async settle(nic: string, at: Site): Promise<void> {
    await this.ipBatch([
      `address add ${at.ipv4}/24 dev ${nic}`,
      `address add ${at.ipv6}/64 dev ${nic}`,
      `route add default via ${at.router4} dev ${nic}`,
      `route add ::/0 via ${at.router6} dev ${nic}`,
    ]);
  }
}

function machineOptions(image: string, socket: string, options: GuestOptions): string[] {
  const { kernel = debianKernel, memoryMiB = 256, cpus = 1 } = options;
  // Mitigations guard against neighbors that a guest of one's own does not have.
  const kernelOptions = ["console=ttyS0", "loglevel=4", "panic=-1", "mitigations=off"];
  kernelOptions.push(`guest.modules=${kernel.modules.join(",")}`);
  return [
    ...["-accel", "tcg", "-cpu", "max", "-machine", "q35", "-smp", `${cpus}`, "-m", `${memoryMiB}`],
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", "stdio"],
    ...["-kernel", join(inProject(kernel.folder), "vmlinuz"), "-initrd", image],
    ...["-append", kernelOptions.join(" ")],
    ...["-chardev", `socket,id=agent,path=${socket}`, "-device", "virtio-serial-pci"],
    ...["-device", "virtserialport,chardev=agent"],
  ];
}

function onPath(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}

/** Scripts are run from their source; this file is compiled to the folder `dist`. */
function inProject(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
