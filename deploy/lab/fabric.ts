import type { Lab } from "./lab.js";
import { bringUp, connect, type LinkOptions } from "./link.js";
import { Namespace } from "./namespace.js";

/** One place on the underlay: an endpoint's addresses and its router's. */
export interface Site {
  readonly ipv4: string;
  readonly ipv6: string;
  readonly router4: string;
  readonly router6: string;
}

function site(network4: string, network6: string, host: number): Site {
  return {
    ipv4: `${network4}.${host}`,
    ipv6: `${network6}::${host}`,
    router4: `${network4}.254`,
    router6: `${network6}::fe`,
  };
}

/** The documentation prefixes of RFC 5737 and RFC 3849, one network a site. */
export const sites = {
  gateway: site("192.0.2", "2001:db8:1", 1),
  east: site("198.51.100", "2001:db8:2", 7),
  west: site("203.0.113", "2001:db8:3", 9),
} as const;

/**
 * The underlay: a namespace that routes between sites, each in a network of its own. So tunnels
 * cross a router, and endpoints need routes and neighbors, as in a real network.
 */
export class Fabric {
  #links = 0;

  private constructor(readonly namespace: Namespace) {}

  static async create(lab: Lab): Promise<Fabric> {
    const namespace = await Namespace.create(lab, "fabric");
    const forward = "echo 1 >/proc/sys/net/ipv4/ip_forward";
    const forward6 = "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding";
    await namespace.run(["sh", "-c", `${forward}; ${forward6}`]);
    return new Fabric(namespace);
  }

  /** Gives a namespace an interface to the fabric, up and without addresses. */
  async attach(
    namespace: Namespace,
    name: string,
    { router4, router6 }: Site,
    options: LinkOptions = {},
  ): Promise<void> {
    const addresses = [`${router4}/24`, `${router6}/64`];
    const routerEnd = { namespace: this.namespace, name: `site${this.#links++}`, addresses };
    await connect(routerEnd, { namespace, name }, options);
  }
}

/** Puts a site's addresses and default routes on a device (the interface itself, or a bridge). */
export async function settle(namespace: Namespace, device: string, at: Site): Promise<void> {
  await bringUp(namespace, device, [`${at.ipv4}/24`, `${at.ipv6}/64`]);
  await namespace.ip("route", "add", "default", "via", at.router4, "dev", device);
  await namespace.ip("-6", "route", "add", "default", "via", at.router6, "dev", device);
}
