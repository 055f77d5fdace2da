import { type Static, Type } from "@sinclair/typebox";
import { choice, closed, ipMtu, mac, name, reference, whole } from "./parts.js";

const vid = (description?: string) => whole(1, 4094, description);

const TagPair = Type.Object(
  {
    outer: vid("VID of the outer tag."),
    inner: Type.Union([vid(), Type.Literal("any")], { description: "VID of the inner tag." }),
    outerTpid: Type.Optional(choice(["0x88a8", "0x8100"], { default: "0x88a8" })),
  },
  closed,
);

/** How a tenant's frames look on a port. */
export const Attachment = Type.Object(
  {
    name: name("Unique among the members of the tenant."),
    port: reference("A port of the gateway file."),
    vlan: Type.Optional(
      Type.Union([vid(), Type.Literal("untagged"), Type.Literal("any"), TagPair], {
        description: 'The tags that its frames carry on the port. Default "untagged".',
      }),
    ),
    keepTag: Type.Optional(
      Type.Boolean({ description: "Leave the matched tags on the frame.", default: false }),
    ),
    pcp: Type.Optional(
      Type.Union([whole(0, 7), Type.Literal("inherit")], {
        description: "Priority of the pushed tag. Default 0.",
      }),
    ),
    nextHopMac: Type.Optional(
      mac("Destination of IP packets without an Ethernet header of their own."),
    ),
    mtu: Type.Optional(ipMtu("IP MTU towards the tenant. Default: the port's.")),
  },
  closed,
);

export type Attachment = Static<typeof Attachment>;
