/** Writes JSON that keeps every digit of an integer: what `parseLossless` reads. Pure; any thread; cold. */

/** `value` as JSON text on one line; a bigint is bare digits, a key whose value is undefined is left out. */
export function losslessText(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(losslessText).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${losslessText(item)}`).join(',')}}`
  }
  return JSON.stringify(value)
}
