import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseLossless } from '../../../src/domain/lossless-json.ts'

describe('lossless json', () => {
  test('lossless json: integers beyond 2^53 keep every digit, all else is as from JSON.parse', () => {
    const text =
      '{"a":1737442838123456789,"b":-9007199254740993,"c":9007199254740991,"d":1e3,"e":1.5,"f":-0,"g":1e999,"h":"\\u00e9\\n"}'
    expect(parseLossless(text)).toEqual({
      a: 1737442838123456789n,
      b: -9007199254740993n,
      c: 9007199254740991,
      d: 1000,
      e: 1.5,
      f: -0,
      g: Number.POSITIVE_INFINITY,
      h: 'é\n',
    })
    expect(parseLossless('12345678901234567890.0')).toBe(Number('12345678901234567890'))
  })

  test('lossless json: any JSON without big integers is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 1, 2), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), null, indent)
        fc.pre(!text.includes('"__proto__"') && !/\d{16}/.test(text))
        expect(parseLossless(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 2000 },
    )
  })

  test('lossless json: what JSON.parse refuses is refused, with line and column', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('"', ',', '}', '\\', '\n', '0', '-', 'e', 'x', ''),
        (json, at, piece) => {
          const place = at % (json.length + 1)
          const text = json.slice(0, place) + piece + json.slice(place + 1)
          fc.pre(!text.includes('__proto__'))
          let expected: unknown
          try {
            expected = JSON.parse(text)
          } catch {
            expect(() => parseLossless(text, 'f.json')).toThrow(/^f\.json line \d+, column \d+: /)
            return
          }
          try {
            const value = parseLossless(text)
            const hasBig = /\d{16}/.test(text)
            if (!hasBig) expect(value).toEqual(expected)
          } catch (thrown) {
            expect((thrown as Error).message).toContain('is there twice')
          }
        },
      ),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['{"a": 1,\n  "a": 2}', 'line 2, column 3: the key "a" is there twice'],
    ['{"__proto__": 1}', 'line 1, column 2: the key "__proto__" is not allowed'],
    ['{"a": }', 'line 1, column 7: expected a value, got "}"'],
    ['[1, 2', 'line 1, column 6: expected "," or "]", got the end of the text'],
    ['{a: 1}', 'line 1, column 2: expected a key in double quotes, got "a"'],
    ['"abc', 'line 1, column 1: the string has no end'],
    ['"a\tb"', 'line 1, column 3: a control character in a string must be escaped'],
    ['"\\x"', 'line 1, column 2: an escape in a string is one of'],
    ['"\\u12', 'line 1, column 2: an escape in a string is one of'],
    ['007', 'line 1, column 1: a number must not begin with a zero'],
    ['1.', 'line 1, column 3: expected a digit, got the end of the text'],
    ['1e+', 'line 1, column 4: expected a digit'],
    ['- 1', 'line 1, column 1: expected a value, got "-"'],
    ['{} x', 'line 1, column 4: expected the end of the text, got "x"'],
    ['nul', 'line 1, column 1: expected a value, got "n"'],
    ['', 'line 1, column 1: expected a value, got the end of the text'],
    [`${'['.repeat(65)}`, 'line 1, column 65: arrays and objects may nest at most 64 deep'],
    ['1'.repeat(1025), 'line 1, column 1: a number may have at most 1024 characters'],
  ])('lossless json: %j is refused', (text, message) => {
    expect(() => parseLossless(text)).toThrow(message)
  })

  test('lossless json: a million brackets are refused, not recursed into', () => {
    expect(() => parseLossless('['.repeat(1_000_000))).toThrow('64 deep')
  })
})
