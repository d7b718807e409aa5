/** Some thousand decisions as the ten million of `test/long/` are made, so that nothing that these rest on breaks unseen. */
import { expect, it } from 'vitest'
import { freshSeed } from '../../src/base/random.ts'
import { expectWhole, play } from '../support/decisions-run.ts'

const seed = Number(process.env.SIGNALBOX_SEED ?? freshSeed())

it(`seed ${seed}: twenty thousand decisions from arbitration to outcome and counterfactual entry lose nothing`, async () => {
  const played = await play({ seed, decisions: 20_000, samples: 2, leak: false })
  expectWhole(played)
  expect(played.decisions).toBeGreaterThanOrEqual(20_000)
}, 120_000)
