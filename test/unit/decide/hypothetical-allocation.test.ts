/** What a rejected candidate would have been given, against the arbiter itself on the same candidates without the one that it displaces. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/base/random.ts'
import type { CandidateInput } from '../../../src/decide/candidate-set.ts'
import { HypotheticalAllocation } from '../../../src/decide/hypothetical-allocation.ts'
import { eventTypesOf, type Policy } from '../../../src/domain/policy.ts'
import { countOf, fieldOf, type OpenPosition, recordOf } from '../stages/counterfactual/records.ts'
import { candidate, policyOf } from './support.ts'

const anything = {
  interlock: null,
  max_wait_s: null,
  age_boost: null,
  max_open_positions: 64,
  max_positions_per_symbol: 64,
}

function capitals(record: Float64Array, policy: Policy): number[] {
  const allocation = new HypotheticalAllocation(policy, eventTypesOf(policy), 64, 64)
  allocation.load(record, 0)
  return Array.from({ length: countOf(record) }, (_, rank) => allocation.capitalOf(rank))
}

describe('hypothetical allocation', () => {
  it('the loser of a choice would have had what the winner got: the whole pot', () => {
    const policy = policyOf({})
    const record = recordOf({ policy, candidates: [candidate('a', { priorityScore: 0.9 }), candidate('b')] })
    expect(capitals(record, policy)).toEqual([1_000_000, 1_000_000])
  })

  it('what a rule kept out is given the account as if nothing were open; an admissible loser only what is left', () => {
    const policy = policyOf({ ...anything, interlock: { scope: 'account', compatible: [] }, max_open_positions: 2 })
    const open = [{ typeIndex: 0, symbolIndex: 7, capitalMinor: 600_000 }]
    const candidates = [
      candidate('winner', { priorityScore: 0.9 }),
      candidate('loser', { priorityScore: 0.8 }),
      candidate('interlocked', { priorityScore: 0.7, typeIndex: 1 }),
    ]
    const record = recordOf({ policy, candidates, open })
    expect(capitals(record, policy)).toEqual([400_000, 400_000, 1_000_000])
  })

  it('its requirement is what it would have been given, where the policy allocates needs; more than there is, nothing', () => {
    const policy = policyOf({ allocation: 'need' })
    const candidates = [
      candidate('a', { priorityScore: 0.9, capitalRequiredMinor: 500_000 }),
      candidate('b', { priorityScore: 0.8, capitalRequiredMinor: 200_000 }),
      candidate('c', { priorityScore: 0.7, capitalRequiredMinor: 2_000_000 }),
    ]
    expect(capitals(recordOf({ policy, candidates }), policy)).toEqual([500_000, 200_000, 0])
  })

  it('is what the arbiter gives it among the others that were selected, over 400 made-up decisions', () => {
    const random = new Random(1)
    let compared = 0
    for (let round = 0; round < 400; round += 1) {
      const policy = policyOf({
        ...anything,
        ...madeUpPolicy(random),
        selection: 'portfolio',
        max_open_positions: random.integer(1, 4),
      })
      const candidates = Array.from({ length: random.integer(2, 7) }, (_, index) =>
        madeUpCandidate(random, `e${index}`),
      )
      const open: OpenPosition[] =
        random.fraction() < 0.3 ? [{ typeIndex: 0, symbolIndex: 9, capitalMinor: 100_000 }] : []
      const record = recordOf({ policy, candidates, open })
      const given = capitals(record, policy)
      const byHandle = new Map(candidates.map((input) => [input.handle!, input]))
      const ranked = Array.from(
        { length: countOf(record) },
        (_, rank) => byHandle.get(fieldOf(record, rank, 'handle'))!,
      )
      const selected = ranked.filter((_, rank) => fieldOf(record, rank, 'rejection') < 0)
      for (const [rank, loser] of ranked.entries()) {
        if (fieldOf(record, rank, 'rejection') < 0 || fieldOf(record, rank, 'admissible') !== 1) continue
        const members = [...selected.slice(0, -1), loser]
        const wide = policyOf({ ...anything, ...policyJson, selection: 'portfolio' })
        const alone = recordOf({ policy: wide, candidates: members, open })
        const at = Array.from({ length: countOf(alone) }, (_, other) => other).find(
          (other) => fieldOf(alone, other, 'handle') === loser.handle,
        )!
        expect([round, rank, given[rank]]).toEqual([round, rank, fieldOf(alone, at, 'allocationMinor')])
        compared += 1
      }
    }
    expect(compared).toBeGreaterThan(300)
  })
})

/** Of the policy made last. */
let policyJson: Record<string, unknown> = {}

function madeUpPolicy(random: Random): Record<string, unknown> {
  const slots = [null, null, { LIQUIDATION_CASCADE: 0.5, '*': 0.3 }, { FAILED_HUNT: 0.2, FUNDING_SNAPBACK: 0.8 }]
  policyJson = {
    allocation: ['proportional', 'floor', 'need'][random.integer(0, 2)],
    capital_slots: slots[random.integer(0, 3)],
  }
  return policyJson
}

function madeUpCandidate(random: Random, eventId: string): CandidateInput {
  return candidate(eventId, {
    handle: Number(eventId.slice(1)) + 1,
    typeIndex: random.integer(0, 3),
    symbolIndex: random.integer(0, 3),
    priorityScore: random.fraction(),
    capitalRequiredMinor: random.fraction() < 0.5 ? 0 : random.integer(1, 300_000),
  })
}
