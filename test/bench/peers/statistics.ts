/** What several rounds of the same measurement say together. */
export interface Summary {
  readonly median: number;
  /** The interquartile range: half of all rounds lie in a band this wide. */
  readonly iqr: number;
  readonly rounds: number;
}

/** @throws {RangeError} without a value, for there is nothing to sum up. */
export function summarize(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError("Cannot summarize no values");
  const iqr = quantile(values, 0.75) - quantile(values, 0.25);
  return { median: quantile(values, 0.5), iqr, rounds: values.length };
}

/** Between two values it lies on the line that joins them (the R-7 method of Hyndman and Fan). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (below === undefined || above === undefined) throw new RangeError("Cannot rank no values");
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * What one is to the other, round by round, so that what slows the machine for a while slows both.
 * Rounds in which either is missing do not count.
 */
export function ratios(
  one: readonly (number | undefined)[],
  other: readonly (number | undefined)[],
): number[] {
  return one.flatMap((value, round) => {
    const against = other[round];
    return value === undefined || against === undefined || against === 0 ? [] : [value / against];
  });
}
