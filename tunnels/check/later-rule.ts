import { quote } from "../text/printable.js";
import { at, type Place } from "./place.js";
import type { Problems } from "./problems.js";

/**
 * A key of the contract that this version does not support, in all or some of its values. What
 * asks for nothing (false, or the documented default) is accepted; the rest is refused, never
 * ignored.
 */
export interface LaterRule {
  readonly key: string;
  /** Whether a value asks for something; `owner` is the object that has the key. */
  isLater(value: unknown, owner: object): boolean;
  /** The nearest thing that can be written now. */
  readonly instead: string;
}

/** Supported are these values alone. */
export function onlyValues(key: string, values: readonly unknown[], instead: string): LaterRule {
  return { key, isLater: (value) => !values.includes(value), instead };
}

/** Supported is everything but these values. */
export function notValues(key: string, values: readonly unknown[], instead: string): LaterRule {
  return { key, isLater: (value) => values.includes(value), instead };
}

/** Supported are values that are neither objects nor lists, and none of `values`. */
export function onlyPlain(key: string, values: readonly unknown[], instead: string): LaterRule {
  const isLater = (value: unknown) =>
    (typeof value === "object" && value !== null) || values.includes(value);
  return { key, isLater, instead };
}

/** Supported is the empty list alone. */
export function onlyEmpty(key: string, instead: string): LaterRule {
  return { key, isLater: (value) => !Array.isArray(value) || value.length > 0, instead };
}

export type LaterRules = ReadonlyMap<string, LaterRule>;

export function laterRules(rules: readonly LaterRule[]): LaterRules {
  return new Map(rules.map((rule) => [rule.key, rule]));
}

/** Refuses the keys of `object` that ask for something that comes later. */
export function checkLater(place: Place, object: object, rules: LaterRules, problems: Problems) {
  for (const [key, value] of Object.entries(object)) {
    const rule = rules.get(key);
    if (value !== undefined && rule?.isLater(value, object)) {
      problems.error(at(place, key), "ADIT-1401", {
        message: `"${key}": ${quote(value)} is not supported by this version yet`,
        fix: rule.instead,
      });
    }
  }
}
