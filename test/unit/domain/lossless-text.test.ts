import { expect, test } from 'vitest'
import { parseLossless } from '../../../src/domain/lossless-json.ts'
import { losslessText } from '../../../src/domain/lossless-text.ts'

test('lossless text: what it writes is read back digit by digit', () => {
  const value = { at: 1_737_442_838_123_456_789n, list: [0.1, null, true, 'a "b"\n'], none: {} }
  expect(parseLossless(losslessText(value))).toEqual(value)
  expect(losslessText(value)).toContain('"at":1737442838123456789,')
})

test('lossless text: a key without a value is left out, as JSON does', () => {
  expect(losslessText({ a: undefined, b: 1 })).toBe('{"b":1}')
})
