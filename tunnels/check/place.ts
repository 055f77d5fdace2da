import type { JsonDocument } from "../json/document.js";
import type { JsonPath } from "../json/pointer.js";

/** A value of a document. */
export interface Place {
  readonly document: JsonDocument;
  /** Worked out when asked for: of a million places that are noted, few are ever told. */
  readonly path: JsonPath;
}

class Root implements Place {
  readonly document: JsonDocument;
  readonly path: JsonPath = [];

  constructor(document: JsonDocument) {
    this.document = document;
  }
}

class Inner implements Place {
  private readonly outer: Place;
  private readonly step: string | number;

  constructor(outer: Place, step: string | number) {
    this.outer = outer;
    this.step = step;
  }

  get document(): JsonDocument {
    return this.outer.document;
  }

  get path(): JsonPath {
    return [...this.outer.path, this.step];
  }
}

/** A document as a whole. */
export function rootOf(document: JsonDocument): Place {
  return new Root(document);
}

/** A place inside another. */
export function at(place: Place, ...steps: (string | number)[]): Place {
  let inner = place;
  for (const step of steps) {
    inner = new Inner(inner, step);
  }
  return inner;
}
