import type { Address } from "../address/address.js";
import { type AddressRange, parsePrefix, rangeOf } from "../address/prefix.js";
import type { CommonTunnel } from "../schema/tunnel.js";
import { type CheckContext, checkPrefix } from "./context.js";
import type { Draft } from "./draft.js";
import { at, type Place } from "./place.js";

/**
 * Checks `acceptFrom`; gives the outer sources that may send into the tunnel, the remote alone
 * where the key is left out. Undefined: they are not known for certain.
 * @param place the tunnel
 */
export function checkSources(
  place: Place,
  draft: Draft<CommonTunnel>,
  local: Address | undefined,
  remote: Address | undefined,
  context: CheckContext,
): readonly AddressRange[] | undefined {
  if (!("acceptFrom" in draft)) {
    if (draft.remote === "any") {
      const message = 'the key "acceptFrom" is missing beside "remote": "any"';
      const fix = 'add "acceptFrom": a list of prefixes, such as ["198.51.100.0/24"]';
      context.problems.error(place, "ADIT-1102", { message, fix });
    }
    return remote === undefined ? undefined : [{ first: remote.key, last: remote.key }];
  }
  const texts = draft.acceptFrom ?? [undefined];
  const own = at(place, "acceptFrom");
  const ranges = texts.map((text, index) =>
    text === undefined ? undefined : checkSource(at(own, index), text, local ?? remote, context),
  );
  const known = ranges.filter((range) => range !== undefined);
  return known.length === ranges.length ? known : undefined;
}

function checkSource(
  place: Place,
  text: string,
  endpoint: Address | undefined,
  context: CheckContext,
): AddressRange | undefined {
  const prefix = checkPrefix(place, text, parsePrefix, context);
  if (prefix === undefined) {
    return undefined;
  }
  const { family } = prefix.address;
  if (endpoint !== undefined && endpoint.family !== family) {
    const message = `the prefix is IPv${family}, the tunnel IPv${endpoint.family}`;
    context.problems.error(place, "ADIT-1304", { message, fix: "write prefixes of its family" });
    return undefined;
  }
  return rangeOf(prefix);
}
