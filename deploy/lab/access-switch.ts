import type { Lab } from "./lab.js";
import { connect, type LinkEnd, type LinkOptions } from "./link.js";
import { Namespace } from "./namespace.js";
import { OpenVswitch } from "./open-vswitch.js";

const bridge = "br-access";
/** The switch's own end of the trunk. */
const trunkName = "trunk";

/**
 * A tenant's access switch: hosts plug in untagged, each into a VLAN's access port, and one trunk
 * carries them tagged. Open vSwitch does the tagging, since not every kernel has VLAN devices.
 */
export class AccessSwitch {
  #hosts = 0;

  private constructor(private readonly ovs: OpenVswitch) {}

  get namespace(): Namespace {
    return this.ovs.namespace;
  }

  static async start(lab: Lab, label = "switch"): Promise<AccessSwitch> {
    const ovs = await OpenVswitch.start(await Namespace.create(lab, label));
    await ovs.addBridge(bridge);
    return new AccessSwitch(ovs);
  }

  async addHost(host: LinkEnd, vlan: number, link: LinkOptions = {}): Promise<void> {
    const name = `host${this.#hosts++}`;
    await connect({ namespace: this.ovs.namespace, name }, host, link);
    await this.ovs.addPort(bridge, name, vlan);
  }

  /** The trunk to somewhere: it carries every VLAN tagged. */
  async addTrunk(far: LinkEnd, link: LinkOptions = {}): Promise<void> {
    const near = { namespace: this.ovs.namespace, name: trunkName };
    await connect(near, far, link);
    await this.ovs.addPort(bridge, near.name);
  }
}
