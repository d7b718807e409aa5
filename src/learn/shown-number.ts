/** How numbers stand in JSON for people and programs. Pure; any thread. */

/** What a double carries for certain: digits behind them are those of sums in binary. */
const significantDigits = 15

/** Without a negative zero, which JSON would lose. */
export function shown(value: number): number {
  return Number(value.toPrecision(significantDigits)) + 0
}

export function shownOrNull(value: number | null): number | null {
  return value === null ? null : shown(value)
}
