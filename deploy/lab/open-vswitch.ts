import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { LabProcess } from "./lab-process.js";
import type { Argv, Namespace } from "./namespace.js";
import { waitFor } from "./wait.js";

const schema = "/usr/share/openvswitch/vswitch.ovsschema";

export interface OpenVswitchOptions {
  /** The switch daemon, where it is not the one that PATH finds. */
  readonly daemon?: string;
  /** `other_config` of the switch that it needs before it starts, as `key=value`. */
  readonly settings?: readonly string[];
}

/**
 * An Open vSwitch of this lab's own, with the userspace datapath, inside one namespace. Database,
 * sockets, pid files and logs lie in the lab's folder: the system's Open vSwitch is never touched.
 */
export class OpenVswitch {
  /** Of the switch daemon, once it runs. */
  pid: number | undefined;

  private constructor(
    readonly namespace: Namespace,
    private readonly folder: string,
  ) {}

  static async start(
    namespace: Namespace,
    { daemon = "ovs-vswitchd", settings = [] }: OpenVswitchOptions = {},
  ): Promise<OpenVswitch> {
    const folder = join(namespace.lab.folder, `ovs-${namespace.label}`);
    await mkdir(folder);
    const ovs = new OpenVswitch(namespace, folder);
    await namespace.run(["ovsdb-tool", "create", ovs.#path("conf.db"), schema]);
    await ovs.#startDatabase(settings);
    await ovs.#startSwitch(daemon);
    return ovs;
  }

  /** Runs ovs-vsctl, which returns when the switch has done it. */
  async vsctl(...args: string[]): Promise<string> {
    const common = [`--db=${this.#database}`, "--timeout=20"];
    return this.namespace.run(["ovs-vsctl", ...common, ...args], 30_000, this.#environment);
  }

  /** Runs ovs-appctl against the switch daemon. */
  async appctl(...args: string[]): Promise<string> {
    const target = `--target=${this.#path("vswitchd.ctl")}`;
    return this.namespace.run(["ovs-appctl", target, ...args], 30_000, this.#environment);
  }

  /** Runs ovs-ofctl, on the bridge of that name. */
  async ofctl(command: string, bridge: string, ...args: string[]): Promise<string> {
    const management = `unix:${this.#path(`${bridge}.mgmt`)}`;
    return this.namespace.run(["ovs-ofctl", command, management, ...args]);
  }

  /** Adds a learning switch. Its own port is a tap device of the same name, still down. */
  async addBridge(name: string): Promise<void> {
    const bridge = ["set", "bridge", name, "datapath_type=netdev", "fail-mode=standalone"];
    await this.vsctl("add-br", name, "--", ...bridge);
  }

  /** Adds an interface of the namespace; `tag` makes it the access port of that VLAN. */
  async addPort(bridge: string, name: string, tag?: number): Promise<void> {
    await this.vsctl("add-port", bridge, name, ...(tag === undefined ? [] : [`tag=${tag}`]));
  }

  async addTunnelPort(
    bridge: string,
    name: string,
    type: string,
    options: Readonly<Record<string, string | number>>,
  ): Promise<void> {
    const pairs = Object.entries(options).map(([key, value]) => `options:${key}="${value}"`);
    await this.#addInterface(bridge, name, type, pairs);
  }

  /** Adds an interface of the namespace by AF_XDP in the driver, without the kernel's network. */
  async addAfXdpPort(bridge: string, name: string): Promise<void> {
    await this.#addInterface(bridge, name, "afxdp", ["options:xdp-mode=native"]);
  }

  /** Adds a device of DPDK, where the daemon is one that was built with it. */
  async addDpdkPort(bridge: string, name: string, device: string): Promise<void> {
    await this.#addInterface(bridge, name, "dpdk", [`options:dpdk-devargs="${device}"`]);
  }

  /** What comes from one port leaves by the other; the bridge learns and floods nothing. */
  async wire(bridge: string, one: string, other: string): Promise<void> {
    await this.ofctl("del-flows", bridge);
    await this.ofctl("add-flow", bridge, `in_port=${one},actions=output:${other}`);
    await this.ofctl("add-flow", bridge, `in_port=${other},actions=output:${one}`);
  }

  /** @throws {Error} with what Open vSwitch says of an interface that it cannot open. */
  async #addInterface(
    bridge: string,
    name: string,
    type: string,
    settings: readonly string[],
  ): Promise<void> {
    const kind = ["set", "interface", name, `type=${type}`, ...settings];
    await this.vsctl("add-port", bridge, name, "--", ...kind);
    const error = (await this.vsctl("get", "interface", name, "error")).trim();
    if (error !== "[]") throw new Error(`Open vSwitch refuses ${name}: ${error}`);
  }

  async #startDatabase(more: readonly string[]): Promise<void> {
    const files = [this.#path("conf.db"), `--remote=p${this.#database}`];
    this.#spawn(["ovsdb-server", ...files, ...this.#daemonOptions("ovsdb")]);
    const initialized = (): Promise<string> => this.vsctl("--no-wait", "init");
    await waitFor("answer of ovsdb-server", async () => (await initialized()) === "");
    // One thread of each kind is plenty here and leaves the processors to the traffic.
    const threads = ["n-handler-threads=1", "n-revalidator-threads=1"];
    const settings = [...threads, ...more].map((setting) => `other_config:${setting}`);
    await this.vsctl("--no-wait", "set", "Open_vSwitch", ".", ...settings);
  }

  async #startSwitch(program: string): Promise<void> {
    const options = ["--disable-system", ...this.#daemonOptions("vswitchd")];
    const daemon = this.#spawn([program, this.#database, ...options]);
    this.pid = daemon.pid;
    await waitFor("answer of ovs-vswitchd", async () => {
      if (daemon.exitCode !== undefined) throw new Error(daemon.stderr);
      return (await this.appctl("version")) !== "";
    });
  }

  #spawn(argv: Argv): LabProcess {
    return this.namespace.spawn(argv, { env: this.#environment });
  }

  get #database(): string {
    return `unix:${this.#path("db.sock")}`;
  }

  get #environment(): Record<string, string> {
    return { OVS_RUNDIR: this.folder, OVS_LOGDIR: this.folder, OVS_DBDIR: this.folder };
  }

  #path(file: string): string {
    return join(this.folder, file);
  }

  #daemonOptions(name: string): string[] {
    return [
      `--pidfile=${this.#path(`${name}.pid`)}`,
      `--log-file=${this.#path(`${name}.log`)}`,
      `--unixctl=${this.#path(`${name}.ctl`)}`,
      "--verbose=console:off",
    ];
  }
}
