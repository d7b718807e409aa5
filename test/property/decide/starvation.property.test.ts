/** The starvation bound (ERRATA E12): an overdue event waits at most for the overdue ones ahead of it, plus one decision. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arbiter } from '../../../src/decide/arbiter.ts'
import type { CandidateInput } from '../../../src/decide/candidate-set.ts'
import { CandidateSet } from '../../../src/decide/candidate-set.ts'
import { PositionSet } from '../../../src/decide/position-set.ts'
import { eventTypesOf } from '../../../src/domain/policy.ts'
import { account, candidate, fill, policyOf } from '../../unit/decide/support.ts'

const second = 1_000_000_000

/**
 * Every second a cascade of the highest score arrives, and one decision takes its choice away. Returns how many decisions
 * an old event of the lowest score needs once it is overdue, and how many overdue ones were ahead of it then.
 */
function waitOf(
  policyJson: Record<string, unknown>,
  waitingForS: readonly number[],
): { decisions: number; ahead: number } {
  const policy = policyOf(policyJson)
  const arbiter = new Arbiter(policy, eventTypesOf(policy), 512)
  const set = new CandidateSet(512)
  const positions = new PositionSet(0)
  const poor = { typeIndex: 2, symbolIndex: 1, priorityScore: 0, regimeAlignment: 0, expectedValue: 0 }
  let waiting: CandidateInput[] = waitingForS.map((ago, at) =>
    candidate(`old${at}`, { ...poor, detectedAtNs: -ago * second, waitingSinceNs: -ago * second }),
  )
  const watched = waiting[0]!
  let decisions = 0
  let ahead = -1
  for (let nowS = 0; nowS < 400; nowS++) {
    const nowNs = nowS * second
    waiting.push(
      candidate(`cascade${nowS}`, {
        priorityScore: 1,
        regimeAlignment: 1,
        expectedValue: 1,
        detectedAtNs: nowNs,
        waitingSinceNs: nowNs,
      }),
    )
    if (nowNs - watched.waitingSinceNs > 120 * second) {
      if (ahead < 0)
        ahead = waiting.filter((one) => one !== watched && one.waitingSinceNs <= watched.waitingSinceNs).length
      decisions++
    }
    const view = arbiter.decide(fill(set, waiting), positions, { ...account, nowNs })
    const winner = set.ids[view.winner]!
    if (winner === watched.eventId) return { decisions, ahead }
    waiting = waiting.filter((one) => one.eventId !== winner)
  }
  return { decisions: Number.POSITIVE_INFINITY, ahead }
}

test('test_starvation_prevention', () => {
  const ages = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 12 })
  const selection = fc.constantFrom('score', 'hierarchy', 'portfolio')
  fc.assert(
    fc.property(ages, selection, (waitingForS, how) => {
      const { decisions, ahead } = waitOf({ selection: how }, waitingForS)
      expect(decisions).toBeLessThanOrEqual(ahead + 1)
    }),
    { numRuns: 60 },
  )
})

test('starvation: without the bound the age bonus alone never brings it to its turn (E12)', () => {
  expect(waitOf({ max_wait_s: null }, [0]).decisions).toBe(Number.POSITIVE_INFINITY)
})
