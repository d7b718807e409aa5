/** A user's own rules, the whole way: policy file → detector → engine → journal → `arbitrate` → `explain`; and a scorer of one's own. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import type { Scorer } from '../../src/decide/scorer.ts'
import { hotFieldIndex as at } from '../../src/domain/hot-state.ts'
import { instrumentOf } from '../../src/domain/instrument.ts'
import { createMarketRecord, recordKinds } from '../../src/domain/market.ts'
import { Timeline } from '../../src/domain/units.ts'
import { Engine } from '../../src/engine.ts'
import { Journal } from '../../src/journal/journal.ts'
import type { Detector } from '../../src/stages/detection/detector.ts'
import { followsEvent } from '../simulation/rig.ts'
import { signalbox } from '../support/command.ts'
import { temporaryFolder } from '../support/temporary.ts'

/** Fires once a symbol, at a price; its target lies as far above. */
function crossing(
  eventType: string,
  kind: string,
  priceTicks: number,
  priorityScore: number,
  targetTicks: number,
): Detector {
  return {
    eventType,
    kind,
    watch: () => {
      let hasFired = false
      return {
        step(row, context) {
          if (hasFired || context.live !== null || !(row[at.lastTicks]! >= priceTicks)) return
          hasFired = true
          const last = row[at.lastTicks]!
          context.fire({
            side: 'long',
            priorityScore,
            targetTicks: last + targetTicks,
            stopTicks: last - 3_000,
            winRate: 0.6,
            lifeNs: 120e9,
            evidence: { crossed: priceTicks },
          })
        },
      }
    },
  }
}

const policyText = JSON.stringify({
  types: { BREAKOUT: { tier: 1 }, Änderung: {} },
  tiers: { Änderung: 2 },
  interlock: { compatible: [['BREAKOUT', 'FAILED_HUNT']] },
  regime_table: {
    BREAKOUT: { expansion: 1, trend: 0.9, sideways: 0.75, contraction: 0.6 },
    Änderung: { expansion: 0.1, trend: 0.2, sideways: 0.3, contraction: 0.4 },
  },
})

interface Played {
  readonly folder: string
  readonly policyFile: string
  readonly engine: Engine
  readonly reports: readonly string[]
}

/** Twenty quiet minutes, so that the regime is known, then a minute of rising; two detectors and two types of one's own. */
function play(scorer?: Scorer): Played {
  const folder = temporaryFolder()
  const policyFile = join(temporaryFolder(), 'policy.json')
  writeFileSync(policyFile, policyText)
  const config = parseConfig(null, { text: readFileSync(policyFile, 'utf8'), name: policyFile })
  const journal = Journal.open(folder)
  const reports: string[] = []
  const engine = new Engine({
    config,
    instruments: [instrumentOf('BTC')],
    timeline: new Timeline(1_781_654_400_000),
    backend: 'auto',
    journal,
    monotonicNs: () => 0,
    mode: 'replay',
    detectors: [
      crossing('BREAKOUT', 'breakout', 601_000, 0.5, 3_000),
      crossing('Änderung', 'change', 601_000, 0.7, 20_000),
    ],
    strategies: [{ ...followsEvent, eventTypes: ['BREAKOUT', 'Änderung'] }],
    ...(scorer === undefined ? {} : { scorer }),
    report: (line) => reports.push(line),
  })
  onTestFinished(() => engine.close())
  const record = createMarketRecord()
  for (let step = 0; step < 1_260; step += 1) {
    Object.assign(record, {
      kind: recordKinds.trade,
      atNs: step * 1e9,
      priceTicks: 600_000 + (step % 3) + Math.max(0, step - 1_200) * 600,
    })
    Object.assign(record, { quantityLots: 1, aggressor: 1, symbolIndex: 0 })
    engine.process(record)
  }
  engine.stop()
  journal.close()
  return { folder, policyFile, engine, reports }
}

function linesOf(folder: string, series: string): string[] {
  return readFileSync(join(folder, `${series}-000001.ndjson`), 'utf8')
    .split('\n')
    .slice(0, -1)
}

interface DecisionLine {
  arbitration_id: string
  selected: string[]
  candidates: { event_id: string; event_type: string; tier: number; regime_alignment: number; base_score: number }[]
}

it('own types: a policy file’s types are detected, decided on, journalled, decided again and explained', () => {
  const { folder, engine } = play()
  expect(linesOf(folder, 'events').filter((line) => line.includes('"state":"TRIGGERED"'))).toHaveLength(2)
  const [line] = linesOf(folder, 'decisions')
  const decision = JSON.parse(line!) as DecisionLine
  const alignments = { BREAKOUT: [1, 0.9, 0.75, 0.6], Änderung: [0.1, 0.2, 0.3, 0.4] } as Record<string, number[]>
  expect(decision.candidates.map(({ event_type, tier }) => [event_type, tier])).toEqual([
    ['BREAKOUT', 1],
    ['Änderung', 2],
  ])
  for (const { event_type, regime_alignment } of decision.candidates) {
    expect(alignments[event_type]).toContain(regime_alignment)
  }
  expect(decision.selected[0]).toMatch(/^breakout_BTC_\d+$/)
  expect(engine.outcome.books.trades).toBe(2)
  expect(Object.fromEntries(engine.figures().health.service.map(({ type, served }) => [type, served]))).toEqual({
    BREAKOUT: 1,
    Änderung: 1,
  })

  const [input] = linesOf(folder, 'inputs')
  const again = signalbox(['arbitrate', '-'], input)
  expect(again.stderr).toBe('')
  expect((JSON.parse(again.stdout) as DecisionLine).candidates).toEqual(decision.candidates)
  expect((JSON.parse(again.stdout) as DecisionLine).selected).toEqual(decision.selected)

  const change = decision.candidates[1]!.event_id
  const explainedEvent = signalbox(['explain', folder, change])
  expect(explainedEvent.stderr).toBe('')
  expect(explainedEvent.stdout).toContain('Änderung')
  const told = JSON.parse(signalbox(['explain', folder, decision.arbitration_id, '--json']).stdout)
  expect(told.decided_again).toBe(true)
  expect(told.ranking.map((one: { event_type: string }) => one.event_type)).toEqual(['BREAKOUT', 'Änderung'])
})

it('own types: a policy file that forgets a regime, a tier or the type itself is refused with file and key', () => {
  const folder = temporaryFolder()
  const scenario = join(folder, 'scenario.json')
  const event = { event_id: 'a', event_type: 'BREAKOUT', symbol: 'BTC', lifecycle_state: 'ACTIVE', priority_score: 1 }
  const candidates = [{ ...event, detected_at_ns: 1, expected_value: 1 }]
  writeFileSync(scenario, JSON.stringify({ now_ns: 2, capital: 1, regime: 'trend', candidates }))
  const refusal = (policy: unknown): string => {
    const file = join(folder, 'policy.json')
    writeFileSync(file, JSON.stringify(policy))
    const run = signalbox(['arbitrate', scenario, '--policy', file])
    expect(run.status).toBe(2)
    return run.stderr.replaceAll(`${folder}/`, '')
  }
  const types = { BREAKOUT: { tier: 1 } }
  expect(refusal({})).toContain(
    'scenario.json: candidates[0].event_type: "BREAKOUT" is not an event type of the policy',
  )
  expect(refusal({ types: { BREAKOUT: {} } })).toContain('policy.json: types.BREAKOUT.tier: the type has no tier')
  expect(refusal({ types, regime_table: { BREAKOUT: { expansion: 1 } } })).toContain(
    "scenario.json: candidates[0].regime_alignment: must be given: the policy's regime_table has no trend for BREAKOUT",
  )
})

it('own scorer: the engine ranks by it, and its journal keeps what it said', () => {
  const { folder } = play(({ priorityScore }) => priorityScore ** 2)
  const decision = JSON.parse(linesOf(folder, 'decisions')[0]!) as DecisionLine
  expect(decision.selected[0]).toMatch(/^change_BTC_\d+$/)
  expect(decision.candidates.map(({ base_score }) => base_score)).toEqual([0.49, 0.25])
  // What is taken again with the built-in sum is another decision, and the page does not hide it.
  const told = JSON.parse(signalbox(['explain', folder, decision.arbitration_id, '--json']).stdout)
  expect(told).toMatchObject({ decided_again: false, scorer: 'other' })
})

it('own scorer: one that fails halts new entries and says why; the engine goes on and open positions are managed', () => {
  let calls = 0
  const { engine, reports, folder } = play(() => {
    calls += 1
    return calls > 2 ? Number.NaN : 1
  })
  expect(engine.tradingState).toBe('HALTED')
  expect(reports).toEqual([
    expect.stringMatching(
      /^new entries are halted: the scorer gave NaN for the event (breakout|change)_BTC_\d+; a base/,
    ),
  ])
  expect(engine.records).toBe(1_260)
  expect(engine.outcome.books.trades).toBe(1)
  expect(linesOf(folder, 'decisions')).toHaveLength(1)
  expect(linesOf(folder, 'trades')[0]).toContain('"exit_reason":"target_hit"')
})
