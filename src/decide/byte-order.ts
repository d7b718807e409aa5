/** The order of texts by their bytes of UTF-8 (ERRATA E10), without encoding them. Pure; any thread. */

/**
 * Negative when `a` comes before `b` in byte order, positive when after, 0 when they are the same text.
 *
 * UTF-8 keeps the order of code points; JavaScript's `<` compares UTF-16 units, in which a surrogate (0xd800 … 0xdfff, code
 * points from 0x10000) comes before 0xe000 … 0xffff. Units from 0xd800 up are rotated so that surrogates come last.
 */
export function compareByteOrder(a: string, b: string): number {
  const size = Math.min(a.length, b.length)
  for (let at = 0; at < size; at++) {
    const unitA = a.charCodeAt(at)
    const unitB = b.charCodeAt(at)
    if (unitA !== unitB) return rotated(unitA) - rotated(unitB)
  }
  return a.length - b.length
}

function rotated(unit: number): number {
  if (unit < 0xd800) return unit
  return unit <= 0xdfff ? unit + 0x2000 : unit - 0x800
}
