/**
 * Waiting for any of several channels, and for room, under every interleaving of small plays: as `channel-model.test.ts`, over the same
 * sources.
 */
import { describe, expect, it } from 'vitest'
import { freshSeed, Random } from '../../src/base/random.ts'
import { waitPlays } from '../support/channel-wait-plays.ts'
import type { Fault } from '../support/interleaved-source.ts'
import { type Explored, explore } from '../support/interleavings.ts'
import { stageOf } from '../support/stepped-channel.ts'

const seed = Number(process.env.SIGNALBOX_SEED ?? freshSeed())

function play(name: string, fault: Fault | null = null): Explored {
  const stage = stageOf(fault)
  const deviations = name.startsWith('for room') ? 3 : 2
  const budget = { deviations, executionsMax: 12_000, randomExecutions: 2_000 }
  return explore(stage.machine, waitPlays[name]!(stage), budget, new Random(seed))
}

describe(`channel waits: every interleaving, seed ${seed}`, () => {
  it.each(Object.keys(waitPlays))('model: %s: no wake-up is lost', (name) => {
    const { executions, fault } = play(name)
    expect(fault).toBe(null)
    expect(executions).toBeGreaterThan(2_000)
  })
})
