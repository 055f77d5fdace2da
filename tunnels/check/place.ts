import type { JsonDocument } from "../json/document.js";
import type { JsonPath } from "../json/pointer.js";

/** A value of a document. */
export interface Place {
  readonly document: JsonDocument;
  readonly path: JsonPath;
}

/** A place inside another. */
export function at(place: Place, ...steps: (string | number)[]): Place {
  return { document: place.document, path: [...place.path, ...steps] };
}
