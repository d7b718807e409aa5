import { describe, expect, it } from 'vitest'
import { invariant, requireInteger, requireNumber } from '../../../src/base/assert.ts'
import { monotonicNs, systemClock } from '../../../src/base/clock.ts'
import { inputError, messageOf, SignalboxError } from '../../../src/base/errors.ts'

describe('checks', () => {
  it('a broken invariant says its number; a whole one says nothing', () => {
    expect(() => invariant(true, 'RES-1', 'never')).not.toThrow()
    expect(() => invariant(false, 'RES-1', '5 of 4 used')).toThrow(
      expect.objectContaining({ code: 'ERR_INVARIANT', field: 'RES-1', message: 'RES-1 is broken: 5 of 4 used' }),
    )
  })

  it('integers: both ends are in, everything else is refused by name', () => {
    expect(requireInteger('n', 1, 1, 3)).toBe(1)
    expect(requireInteger('n', 3, 1, 3)).toBe(3)
    for (const value of [-1, 4, 1.5, Number.NaN, Number.POSITIVE_INFINITY, -0, '2' as unknown as number]) {
      expect(() => requireInteger('n', value, 0, 3), String(value)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field: 'n' }),
      )
    }
  })

  it('numbers: both ends are in, NaN and what is no number are not', () => {
    expect(requireNumber('x', 0.5, 0, 1)).toBe(0.5)
    expect(requireNumber('x', 1, 0, 1)).toBe(1)
    for (const value of [-0.1, 1.1, Number.NaN, '0.5' as unknown as number]) {
      expect(() => requireNumber('x', value, 0, 1), String(value)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field: 'x' }),
      )
    }
  })

  it('a refused value is shown as what it is: −0, a bigint with its hint, text in quotes, nothing of an object', () => {
    const got = (value: unknown) => {
      try {
        requireInteger('n', value as number, 0, 3)
      } catch (thrown) {
        return messageOf(thrown).replace('n must be an integer in 0 … 3, got ', '')
      }
      return null
    }
    expect([-0, 5n, '2', 'x'.repeat(90), [], {}, () => 1, Symbol('s'), null, undefined, Number.NaN].map(got)).toEqual([
      '-0',
      '5n (a bigint; a number is expected)',
      '"2"',
      `"${'x'.repeat(80)}…"`,
      'an array',
      'an object',
      'a function',
      'Symbol(s)',
      'null',
      'undefined',
      'NaN',
    ])
  })

  it('an input error is one line that begins with the key', () => {
    const error = inputError('policy.tiers', 'must be a number', 'x')
    expect(error).toBeInstanceOf(SignalboxError)
    expect(error).toMatchObject({ code: 'ERR_INPUT', message: 'policy.tiers: must be a number', value: 'x' })
    expect(messageOf('plain')).toBe('plain')
    expect(messageOf(error)).toBe(error.message)
  })

  it('what was thrown is told, whatever it is', () => {
    const noPrototype: unknown = Object.create(null)
    const angry = {
      toString(): string {
        throw new Error('no')
      },
    }
    for (const odd of [noPrototype, angry, Symbol('s'), undefined]) expect(messageOf(odd)).toMatch(/./)
  })

  it('the monotonic clock tells whole nanoseconds and never goes back', () => {
    let before = monotonicNs()
    for (let index = 0; index < 10_000; index += 1) {
      const now = monotonicNs()
      if (!Number.isInteger(now) || now < before) throw new Error(`${now} after ${before}`)
      before = now
    }
    expect(systemClock.wallNs() % 1_000_000n).toBe(0n)
  })
})
