import { describe, expect, test } from 'vitest'
import { meantBy } from '../../../src/base/spelling.ts'

const keys = ['capital', 'capital_slots', 'priority_score', 'weights', 'tiers', 'types']

describe('spelling', () => {
  test.each([
    ['capitel', 'capital'],
    ['capitl', 'capital'],
    ['wieghts', 'weights'],
    ['priority', 'priority_score'],
    ['slots', 'capital_slots'],
    ['tier', 'tiers'],
    ['colour', null],
    ['', null],
    ['x', null],
  ])('spelling: %s may have meant %s', (word, meant) => {
    expect(meantBy(word, keys)).toBe(meant)
  })

  test('spelling: among no words nothing is meant', () => {
    expect(meantBy('capital', [])).toBe(null)
  })
})
