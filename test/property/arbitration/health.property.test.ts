/** The health of arbitration against a naive recount from the journal's lines, over made-up runs; and proof that it can be wrong. */
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Journal } from '../../../src/journal/journal.ts'
import { journalSeries } from '../../../src/journal/series.ts'
import { ArbitrationHealth } from '../../../src/stages/arbitration/arbitration-health.ts'
import { playMadeUpRun } from '../../simulation/made-up-market.ts'
import { nearestRank, type Recount, recountHealth } from '../../support/health-recount.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const fault = vi.hoisted(() => ({ prefersSecond: false }))

vi.mock('../../../src/decide/choice.ts', async (original) => {
  const choice = await original<typeof import('../../../src/decide/choice.ts')>()
  const chooseByScore: typeof choice.chooseByScore = (view) => {
    choice.chooseByScore(view)
    if (!fault.prefersSecond || view.admissibleCount < 2) return
    const best = view.members[0]!
    const second = view.order.subarray(0, view.count).find((at) => at !== best && view.admissible[at] === 1)!
    view.rejection[best] = view.rejection[second]!
    view.rejection[second] = 0
    view.members[0] = second
  }
  return { ...choice, chooseByScore }
})

afterEach(() => {
  fault.prefersSecond = false
})

/** Plays one seed into a journal; what the stage counted, and what its lines say. */
function play(seed: number): {
  readonly health: ArbitrationHealth
  readonly granted: number
  readonly recount: Recount
} {
  const folder = temporaryFolder()
  const journal = Journal.open(folder, { series: journalSeries, durability: 'buffered' })
  const { rig } = playMadeUpRun(seed, { journal })
  onTestFinished(() => rig.close())
  journal.close()
  const { health } = rig.arbitration
  const endNs = rig.timeline.toUnixNs(rig.pipeline.nowNs)
  return { health, granted: rig.reservation.counters.granted, recount: recountHealth(folder, endNs) }
}

describe('arbitration health', () => {
  test('60 made-up runs: the stage counts what a recount of its journal counts', () => {
    const total = { starved: 0, held: 0, served: 0 }
    for (let seed = 1_000; seed < 1_060; seed += 1) {
      const { health, granted, recount } = play(seed)
      const said = `seed ${seed}`
      expect(health.starvationEvents, said).toBe(recount.starvation_events)
      expect(health.priorityInversions, said).toBe(0)
      expect(recount.priority_inversions, said).toBe(0)
      const { events, totalNs, maxNs } = health.holderWaits
      expect({ events, total_ns: totalNs, max_ns: maxNs }, said).toEqual(recount.holder_waits)
      expect(Object.fromEntries(health.rejections), said).toEqual(recount.rejections)
      expect(granted, said).toBe(recount.reservations.granted)
      expect(health.service.map(({ type }) => type).sort(), said).toEqual(Object.keys(recount.service).sort())
      for (const { type, competed, served, meanWaitNs, p50WaitNs, p99WaitNs, maxWaitNs } of health.service) {
        const { waits, ...counted } = recount.service[type]!
        expect({ competed, served }, said).toEqual(counted)
        total.served += served
        if (served === 0) continue
        expect(maxWaitNs, said).toBe(waits.at(-1))
        const mean = waits.reduce((sum, wait) => sum + wait, 0) / served
        expect(Math.abs(meanWaitNs - mean), said).toBeLessThanOrEqual(1)
        for (const [told, fraction] of [
          [p50WaitNs, 0.5],
          [p99WaitNs, 0.99],
        ] as const) {
          const exact = nearestRank(waits, fraction)
          expect(told, said).toBeGreaterThanOrEqual(exact)
          expect(told, said).toBeLessThanOrEqual(exact * (1 + 1 / 64) + 1)
        }
      }
      total.starved += recount.starvation_events
      total.held += recount.holder_waits.events
    }
    // The runs are worth something only if much happens in them.
    expect(total.starved).toBeGreaterThan(50)
    expect(total.held).toBeGreaterThan(50)
    expect(total.served).toBeGreaterThan(200)
  })

  test('canary: a choice that prefers the second best is counted as an inversion, and the recount sees it too', () => {
    fault.prefersSecond = true
    let inversions = 0
    for (let seed = 1_000; seed < 1_060; seed += 1) {
      const { health, recount } = play(seed)
      expect(health.priorityInversions, `seed ${seed}`).toBe(recount.priority_inversions)
      inversions += health.priorityInversions
    }
    expect(inversions).toBeGreaterThan(5)
  })

  test('canary: a stage that does not hear of an event’s end lets it wait too long, and the recount sees it', () => {
    const deaf = vi.spyOn(ArbitrationHealth.prototype, 'ended').mockImplementation(() => undefined)
    onTestFinished(() => deaf.mockRestore())
    let differing = 0
    for (let seed = 1_000; seed < 1_020; seed += 1) {
      const { health, recount } = play(seed)
      if (health.holderWaits.totalNs !== recount.holder_waits.total_ns) differing += 1
    }
    expect(differing).toBeGreaterThan(0)
  })
})
