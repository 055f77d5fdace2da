import type { Address } from "../address/address.js";
import type { AddressRange } from "../address/prefix.js";
import { checkedLookup } from "../checked.js";
import type { JsonDocument } from "../json/document.js";
import type { Tunnel } from "../types/registry.js";
import type { PacketIdentity, TunnelType } from "../types/tunnel-type.js";
import { type Claimant, labelOf } from "./claimant.js";
import type { Draft } from "./draft.js";
import { findOverlaps } from "./overlaps.js";
import type { Problems } from "./problems.js";

/** The packets that a tunnel takes as its own. References only: there may be a million. */
export interface PacketClaim extends Claimant {
  readonly draft: Draft<Tunnel>;
  readonly type: TunnelType<Tunnel>;
  readonly local: Address;
  readonly sources: readonly AddressRange[];
}

type GroupsOfSpace = Map<number, PacketClaim | PacketClaim[]>;

/** What the tunnels of all files take, and where two of them want the same packets. */
export class PacketClaims {
  /** By local address, space and group: the one that there is, or all. */
  private readonly locals = new Map<string, Map<string | number, GroupsOfSpace>>();
  /** Those with several tunnels, one of which came since the last report. */
  private readonly grown = new Set<PacketClaim[]>();
  private readonly byDocument = new Map<JsonDocument, PacketClaim[]>();
  /** The first tunnel of each local address and UDP port. */
  private readonly udpPorts = new Map<string, PacketClaim>();
  /** Tunnels of another type than the first of their UDP port, and that one. */
  private readonly strangers: (readonly [PacketClaim, PacketClaim])[] = [];

  /** Claims the packets of a tunnel; without an identity yet it has none. */
  add(claim: PacketClaim): void {
    const { local, type, draft } = claim;
    const identity = type.identity(draft);
    if (identity === undefined) {
      return;
    }
    const owner = this.ownerOfPort(claim, identity);
    if (owner.type !== type) {
      this.strangers.push([claim, owner]);
      return;
    }
    this.noteDocument(claim);
    const claims = this.claimsOf(local, identity.space);
    const known = claims.get(identity.group);
    if (known === undefined) {
      claims.set(identity.group, claim);
    } else if (Array.isArray(known)) {
      known.push(claim);
      this.grown.add(known);
    } else {
      const group = [known, claim];
      claims.set(identity.group, group);
      this.grown.add(group);
    }
  }

  private noteDocument(claim: PacketClaim): void {
    const { document } = claim.place;
    const claims = this.byDocument.get(document);
    if (claims === undefined) {
      this.byDocument.set(document, [claim]);
    } else {
      claims.push(claim);
    }
  }

  private claimsOf(local: Address, space: string | number): GroupsOfSpace {
    const spaces = this.locals.get(local.key) ?? new Map<string | number, GroupsOfSpace>();
    const groups = spaces.get(space) ?? new Map<number, PacketClaim | PacketClaim[]>();
    if (groups.size === 0) {
      this.locals.set(local.key, spaces.set(space, groups));
    }
    return groups;
  }

  /** Nothing in a packet but the UDP port says which type of tunnel it is: the first has it. */
  private ownerOfPort(claim: PacketClaim, { udpPort }: PacketIdentity): PacketClaim {
    if (udpPort === undefined) {
      return claim;
    }
    const key = `${claim.local.key} ${udpPort}`;
    const owner = this.udpPorts.get(key) ?? claim;
    this.udpPorts.set(key, owner);
    return owner;
  }

  /** Gives up again what the tunnels of a document have. \pre nothing is wanted twice. */
  release(document: JsonDocument): void {
    for (const claim of this.byDocument.get(document) ?? []) {
      const identity = identityOf(claim);
      const groups = this.claimsOf(claim.local, identity.space);
      const known = groups.get(identity.group);
      const left = Array.isArray(known) ? known.filter((other) => other !== claim) : [];
      const [first] = left;
      if (first === undefined) {
        groups.delete(identity.group);
      } else {
        groups.set(identity.group, left.length === 1 ? first : left);
      }
      this.passOn(claim, identity, groups);
    }
    this.byDocument.delete(document);
  }

  /** Gives the UDP port of a claim to another tunnel, which is of the same type. */
  private passOn(claim: PacketClaim, { udpPort }: PacketIdentity, groups: GroupsOfSpace): void {
    const key = `${claim.local.key} ${udpPort}`;
    if (this.udpPorts.get(key) !== claim) {
      return;
    }
    const [next] = groups.values();
    const heir = Array.isArray(next) ? next[0] : next;
    if (heir === undefined) {
      this.udpPorts.delete(key);
    } else {
      this.udpPorts.set(key, heir);
    }
  }

  /** Reports what is wanted twice, at the later of the two, of what came since the last report. */
  report(problems: Problems): void {
    for (const [claim, owner] of this.strangers) {
      reportStranger(claim, owner, problems);
    }
    for (const group of this.grown) {
      const rivals = group.map((claim) => ({ ...claim, id: identityOf(claim).id }));
      for (const [claim, other] of findOverlaps(rivals)) {
        reportOverlap(claim, other, problems);
      }
    }
    this.grown.clear();
  }
}

/** The identity of a tunnel that has one. */
function identityOf({ type, draft }: PacketClaim): PacketIdentity {
  return checkedLookup(type.identity(draft), type.type);
}

function reportStranger(claim: PacketClaim, owner: PacketClaim, problems: Problems): void {
  const { udpPort } = identityOf(claim);
  const message = `UDP port ${udpPort} of this local address belongs to ${labelOf(owner)}, a tunnel of type "${owner.type.type}"`;
  const fix = 'write another "udpPort" or local address';
  problems.error(claim.place, "ADIT-1318", { message, other: owner.place, fix });
}

function reportOverlap(claim: PacketClaim, other: PacketClaim, problems: Problems): void {
  const own = identityOf(claim).words();
  const theirs = identityOf(other).words();
  const words = own === theirs ? own : `${own} (${theirs} there)`;
  const message = `a packet could also belong to ${labelOf(other)}: same local, ${words}, overlapping sources`;
  const fix = "write another identifier, or sources that do not overlap";
  problems.error(claim.place, "ADIT-1306", { message, other: other.place, fix });
}
