/** The parser against more than a million damaged scenarios and policies: test/property/decide/mutations.ts says what is demanded. */
import { expect, test } from 'vitest'
import { playMutations } from '../property/decide/mutations.ts'

const seeds = Array.from({ length: 12 }, (_, index) => 20_260_101 + index)
const rounds = 100_000

test.each(seeds)(
  '100,000 damaged scenarios and policies give an entry or one line that names where: seed %i',
  (seed) => {
    const { entries, byKey, byPlace } = playMutations(seed, rounds)
    expect(entries + byKey + byPlace).toBe(rounds)
    expect(Math.min(entries, byKey, byPlace)).toBeGreaterThan(rounds / 20)
  },
)
