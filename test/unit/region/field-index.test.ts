import { inspect, isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { SignalboxError } from '../../../src/base/errors.ts'
import { fieldIndexOf } from '../../../src/region/field-index.ts'

const index = fieldIndexOf('snapshots.prices.fields', ['last', 'mark'])
const anyName = index as Readonly<Record<string | symbol, unknown>>

describe('field index', () => {
  it('field index: each name has its place, and they are all that there is to list', () => {
    expect([index.last, index.mark]).toEqual([0, 1])
    expect(Object.keys(index)).toEqual(['last', 'mark'])
    expect({ ...index }).toEqual({ last: 0, mark: 1 })
    expect(['last' in index, 'lst' in index]).toEqual([true, false])
    expect(Object.isFrozen(index)).toBe(true)
  })

  it('field index: a misspelt name is an error that names it, where it was looked for, and the nearest that there is', () => {
    for (const [name, hint] of [
      ['lst', 'last is one'],
      ['Mark', 'mark is one'],
      ['volume', 'known: last, mark'],
      ['0', 'known: last, mark'],
    ] as const) {
      const message = `snapshots.prices.fields has no "${name}"; ${hint}`
      let thrown: unknown
      try {
        anyName[name]
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(SignalboxError)
      expect(thrown).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', field: name, message })
    }
  })

  it('field index: what runtimes ask of any object is answered as of any object', async () => {
    for (const key of [
      'then',
      'toJSON',
      'inspect',
      'nodeType',
      '$$typeof',
      '@@__IMMUTABLE_ITERABLE__@@',
      Symbol('any'),
    ]) {
      expect(anyName[key]).toBe(undefined)
    }
    expect(index.constructor).toBe(Object)
    expect(String(index)).toBe('[object Object]')
    expect(index.valueOf()).toBe(index)
    expect(Object.hasOwn(index, 'last')).toBe(true)
    expect(JSON.stringify(index)).toBe('{"last":0,"mark":1}')
    expect(inspect(index)).toBe('{ last: 0, mark: 1 }')
    expect(inspect({ index }, { depth: 0 })).toMatch(/^\{ index: /)
    expect(await index).toBe(index)
    expect(structuredClone(index)).toEqual({ last: 0, mark: 1 })
    expect(isDeepStrictEqual(index, index)).toBe(true)
    expect(() => expect(index).toEqual({ last: 0 })).toThrow(/mark/)
  })

  it('field index: a field may be called as what every object has', () => {
    const odd = fieldIndexOf('fields', ['then', 'constructor', '__proto__', 'toString', ''])
    expect(Object.entries(odd)).toEqual([
      ['then', 0],
      ['constructor', 1],
      ['__proto__', 2],
      ['toString', 3],
      ['', 4],
    ])
    expect([odd.then, odd.constructor, odd.toString, odd['']]).toEqual([0, 1, 3, 4])
  })
})
