import { describe, expect, it } from 'vitest'
import { completedText, exactText } from '../../../src/query/line-text.ts'

describe('line text', () => {
  it('line text: only decimals that a double may not tell apart become strings, and nothing inside a string does', () => {
    const ordinary = '{"a":1737442838123456789,"b":0.28709999999999997,"c":9007199254740.93,"d":"x"}'
    expect(exactText(ordinary)).toBe(ordinary)
    expect(exactText('{"a":90071992547409.93,"b":[-70368744177664.01,1.5]}')).toBe(
      '{"a":"90071992547409.93","b":["-70368744177664.01",1.5]}',
    )
    const text = '{"id":"12345678901234567.5","q":"say \\"12345678901234567.5\\"","e":12345678901234567.5e2}'
    expect(exactText(text)).toBe(text)
  })

  it('line text: what is missing becomes null at every depth, and integers keep their digits', () => {
    const shape = {
      at: 'BIGINT',
      list: [{ a: 'VARCHAR', b: 'VARCHAR' }],
      inner: { c: 'DOUBLE' },
      gone: { d: 'DOUBLE' },
    } as const
    expect(completedText('{"at":1737442838123456789,"list":[{"a":"x"},5],"inner":null,"more":1}', shape)).toBe(
      '{"at":1737442838123456789,"list":[{"a":"x","b":null},5],"inner":null,"more":1,"gone":null}',
    )
  })

  it('line text: what is no JSON object is none', () => {
    for (const text of ['', '[1]', '5', 'null', '{"a":1', '{"a":1,"a":2}', '{"a":1,}'])
      expect(completedText(text, { a: 'BIGINT' })).toBeNull()
  })
})
