/** A line's text as DuckDB reads it without a loss. Pure; any thread. */
import { parseLossless } from '../domain/lossless-json.ts'
import { losslessText } from '../domain/lossless-text.ts'
import type { LineShape } from './view.ts'

const longDecimal = /\d{14}\.\d/
const stringOrDecimal = /"(?:[^"\\]|\\.)*"|-?\d{14,}\.\d+(?![\deE])/g

/**
 * With decimals of 14 and more digits before the point as strings: DuckDB would read such a number as a double, which from 2^46 on no
 * longer tells every cent, and the string digit by digit.
 */
export function exactText(text: string): string {
  if (!longDecimal.test(text)) return text
  return text.replace(stringOrDecimal, (token) => (token.startsWith('"') ? token : `"${token}"`))
}

/**
 * With null for what the shape has and the line lacks; null where the text is no JSON object, or one that DuckDB could not read either.
 * What a line lacks is seldom, so this may be slow.
 */
export function completedText(text: string, shape: Readonly<Record<string, LineShape>>): string | null {
  let value: unknown
  try {
    value = parseLossless(text)
  } catch {
    return null
  }
  return isObject(value) ? losslessText(completed(value, shape)) : null
}

function completed(value: unknown, shape: LineShape): unknown {
  if (typeof shape === 'string') return value
  if (isList(shape)) return Array.isArray(value) ? value.map((item) => completed(item, shape[0])) : value
  if (!isObject(value)) return value
  const result: Record<string, unknown> = { ...value }
  for (const [key, inner] of Object.entries(shape))
    result[key] = Object.hasOwn(value, key) ? completed(value[key], inner) : null
  return result
}

function isList(shape: Exclude<LineShape, string>): shape is readonly [LineShape] {
  return Array.isArray(shape)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
