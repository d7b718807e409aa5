/** Decimal numbers as they are written, digit by digit, where a double would round. Pure; any thread; cold. */

/** A decimal number: 0.`digits` × 10^`exponent`, without zeros at either end of the digits; zero has none. */
interface Decimal {
  readonly isNegative: boolean
  readonly digits: string
  readonly exponent: number
}

const pattern = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** @param text - A number of JSON. */
function decimalOf(text: string): Decimal {
  const [, sign, whole, fraction = '', power = '0'] = pattern.exec(text)!
  const all = whole! + fraction
  const leading = /^0*/.exec(all)![0].length
  const digits = all.slice(leading).replace(/0+$/, '')
  return {
    isNegative: sign === '-' && digits !== '',
    digits,
    exponent: digits === '' ? 0 : whole!.length - leading + Number(power),
  }
}

/** Whether two texts of numbers are the same number, `1e2` and `100.0` for one. */
export function isSameDecimal(left: string, right: string): boolean {
  const a = decimalOf(left)
  const b = decimalOf(right)
  return a.isNegative === b.isNegative && a.digits === b.digits && a.exponent === b.exponent
}

/**
 * A number × 10^`decimals` as an integer, exactly; NaN when it has more decimals, or when the result passes 2^53.
 *
 * @param text - A number of JSON.
 */
export function exactScaled(text: string, decimals: number): number {
  const { isNegative, digits, exponent } = decimalOf(text)
  if (digits === '') return 0
  const size = exponent + decimals
  if (digits.length > size || size > 16) return Number.NaN
  const scaled = Number(digits.padEnd(size, '0'))
  if (!Number.isSafeInteger(scaled)) return Number.NaN
  return isNegative ? -scaled : scaled
}
