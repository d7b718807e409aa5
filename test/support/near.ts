/** Whether two values of JSON are the same but for the last digits of their numbers. */

/** Where `got` and `wanted` differ by more than 1e-9, relative beyond 1, keys and their number included; null: nowhere. */
export function firstDifference(got: unknown, wanted: unknown, path = '$'): string | null {
  if (typeof wanted === 'number' && typeof got === 'number') {
    const isNear = Math.abs(got - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted))
    return isNear ? null : `${path}: ${got}, wanted ${wanted}`
  }
  if (typeof wanted !== 'object' || wanted === null || typeof got !== 'object' || got === null) {
    return got === wanted ? null : `${path}: ${String(got)}, wanted ${String(wanted)}`
  }
  const [gotKeys, wantedKeys] = [Object.keys(got).sort().join(), Object.keys(wanted).sort().join()]
  if (gotKeys !== wantedKeys) return `${path}: keys ${gotKeys}, wanted ${wantedKeys}`
  for (const key of Object.keys(wanted)) {
    const left = (got as Record<string, unknown>)[key]
    const different = firstDifference(left, (wanted as Record<string, unknown>)[key], `${path}.${key}`)
    if (different !== null) return different
  }
  return null
}
