import { nearest } from "../text/nearest.js";
import { quote } from "../text/printable.js";
import type { CheckContext } from "./context.js";
import type { Place } from "./place.js";
import type { PortFacts, PortSet } from "./ports.js";

/** The port of that name; an unknown one is reported, unless the ports themselves have errors. */
export function checkPortName(
  place: Place,
  name: string | undefined,
  ports: PortSet,
  { problems }: CheckContext,
): PortFacts | undefined {
  if (name === undefined) {
    return undefined;
  }
  const port = ports.byName.get(name);
  if (port === undefined && ports.isComplete) {
    const fix = pickName(name, ports.byName.keys(), "port");
    problems.error(place, "ADIT-1310", { message: `there is no port ${quote(name)}`, fix });
  }
  return port;
}

/** Names shown in full where no single one is near. */
const SHOWN_NAMES = 8;

/** What to write in place of an unknown name. */
export function pickName(name: string, known: Iterable<string>, kind: string): string {
  const names = [...known];
  const meant = nearest(name, names);
  if (meant !== undefined) {
    return `did you mean "${meant}"?`;
  }
  if (names.length === 0) {
    return `define a ${kind} of that name`;
  }
  const shown = names.slice(0, SHOWN_NAMES).map((known) => `"${known}"`);
  const rest = names.length > SHOWN_NAMES ? ` or one of ${names.length - SHOWN_NAMES} more` : "";
  return `write one of ${shown.join(", ")}${rest}`;
}
