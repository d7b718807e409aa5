/** `explain` on the journals of the sample's replay: every decision and every event, under several policies; and what it refuses. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { explain, explanationText } from '../../src/cli/explain.ts'
import { parseLossless } from '../../src/domain/lossless-json.ts'
import { losslessText } from '../../src/domain/lossless-text.ts'
import { readJournal } from '../../src/journal/reader.ts'
import { root, signalbox } from '../support/command.ts'
import { temporaryFolder } from '../support/temporary.ts'

const sampleFiles = readdirSync(join(root, 'samples'))
  .filter((name) => name.endsWith('.jsonl.gz'))
  .map((name) => join(root, 'samples', name))

function replay(policy: string | Record<string, unknown> | null): string {
  const folder = temporaryFolder()
  const journal = join(folder, 'journal')
  const file = typeof policy === 'string' ? join(root, 'test/fixtures', policy) : join(folder, 'policy.json')
  if (policy !== null && typeof policy !== 'string') writeFileSync(file, JSON.stringify(policy))
  const run = signalbox([
    'replay',
    ...sampleFiles,
    '--journal',
    journal,
    ...(policy === null ? [] : ['--policy', file]),
  ])
  expect(run.status).toBe(0)
  return journal
}

function valuesOf(journal: string, series: string, key: string): string[] {
  const values = new Set<string>()
  for (const read of readJournal(journal, series)) {
    if (read.kind === 'line') values.add(read.value[key] as string)
  }
  return [...values]
}

const ns = z.union([z.bigint(), z.number().int()])
const shown = z.union([z.number(), z.bigint()])
const change = z.strictObject({
  of: z.string(),
  from: shown,
  to: shown,
  one_step_less: shown,
  selection_reason: z.string(),
  capital: z.number(),
  search: z.enum(['bisection', 'scan']),
  sentence: z.string(),
})
const remedy = z.strictObject({
  kind: z.string(),
  gone: z.array(z.string()),
  key: z.string().nullable(),
  from: z.unknown(),
  to: z.unknown(),
  wins: z.boolean(),
  selection_reason: z.string().nullable(),
  capital: z.number(),
  otherwise: z.strictObject({ reason: z.string(), blocked_by: z.string().nullable() }).nullable(),
  sentence: z.string(),
})
const whatIf = z.strictObject({
  smallest: change.nullable(),
  changes: z.array(change),
  none: z.array(z.strictObject({ of: z.string(), search: z.enum(['bisection', 'scan', 'rule']) })),
  remedies: z.array(remedy),
  together: z.strictObject({ remedy, change, sentence: z.string() }).nullable(),
  sentence: z.string(),
})
const component = z.strictObject({ raw: z.number(), weighted: z.number() })
const trade = z.strictObject({
  event_id: z.string(),
  symbol: z.string(),
  side: z.string(),
  quantity: z.number(),
  capital: z.number(),
  pnl: z.number(),
  entry_price: z.number(),
  exit_price: z.number(),
  hold_time_ms: z.number(),
  exit_reason: z.string(),
})
const refusal = z.strictObject({
  arbitration_id: z.string(),
  symbol: z.string(),
  side: z.string(),
  quantity: z.number(),
  capital: z.number(),
  at_ns: ns,
  reason: z.string(),
  limit_price: z.number(),
  price: z.number().nullable(),
})
const arbitration = z.strictObject({
  kind: z.literal('arbitration'),
  arbitration_id: z.string(),
  sequence: z.number(),
  at_ns: ns,
  at: z.string(),
  state_version: z.number(),
  weights_version: z.number(),
  weights: z.record(z.string(), z.number()).nullable(),
  scorer: z.enum(['built_in', 'other']),
  selection_rule: z.string().nullable(),
  regime: z.string().nullable(),
  capital: z.number().nullable(),
  open_positions: z.array(
    z.strictObject({
      event_id: z.string(),
      event_type: z.string(),
      symbol: z.string(),
      capital: z.number(),
      selected_by: z.string().nullable(),
    }),
  ),
  ranking: z.array(
    z.strictObject({
      rank: z.number(),
      event_id: z.string(),
      event_type: z.string(),
      symbol: z.string(),
      side: z.string().nullable(),
      lifecycle_state: z.string().nullable(),
      tier: z.number(),
      priority_score: component,
      freshness: component,
      regime_alignment: component,
      expected_value: component,
      base_score: z.number(),
      age_bonus: z.number(),
      waited_s: z.number().nullable(),
      score: z.number(),
      verdict: z.string(),
    }),
  ),
  admissible_count: z.number(),
  selected: z.array(z.string()),
  selection_reason: z.string(),
  sentence: z.string(),
  rejected: z.array(
    z.strictObject({
      event_id: z.string(),
      reason: z.string(),
      admissible: z.boolean(),
      score_diff: z.number().nullable(),
      blocked_by: z
        .strictObject({
          event_id: z.string(),
          what: z.enum(['position', 'candidate']).nullable(),
          event_type: z.string().nullable(),
          symbol: z.string().nullable(),
        })
        .nullable(),
      sentence: z.string(),
      what_if: whatIf.nullable(),
    }),
  ),
  allocation: z.strictObject({
    rule: z.string().nullable(),
    members: z.array(
      z.strictObject({
        event_id: z.string(),
        capital: z.number(),
        capital_required: z.number().nullable(),
        reservation_status: z.string(),
        sentence: z.string(),
      }),
    ),
    pots: z
      .array(
        z.strictObject({
          pot: z.string(),
          share: z.number(),
          own_budget: z.number(),
          held: z.number(),
          allocated: z.number(),
          borrowed: z.number(),
        }),
      )
      .nullable(),
    allocated: z.number(),
    unallocated: z.number(),
    deficits_compared: z.record(z.string(), z.number()).nullable(),
    deficits: z.record(z.string(), z.number()).nullable(),
  }),
  trades: z.array(trade),
  not_traded: z.array(z.strictObject({ event_id: z.string(), sentence: z.string(), refusal: refusal.nullable() })),
  before: z.strictObject({ arbitration_id: z.string(), seconds: z.number(), changes: z.array(z.string()) }).nullable(),
  decided_again: z.boolean().nullable(),
  notes: z.array(z.string()),
})
const event = z.strictObject({
  kind: z.literal('event'),
  event_id: z.string(),
  event_type: z.string().nullable(),
  symbol: z.string().nullable(),
  side: z.string().nullable(),
  priority_score: z.number().nullable(),
  life: z.array(
    z.strictObject({
      state: z.string(),
      at_ns: ns,
      at: z.string(),
      after_ns: ns.nullable(),
      evidence: z.record(z.string(), z.number().nullable()),
    }),
  ),
  decisions: z.array(
    z.strictObject({
      arbitration_id: z.string(),
      at_ns: ns,
      at: z.string(),
      rank: z.number(),
      candidates: z.number(),
      score: z.number(),
      verdict: z.string(),
      blocked_by: z.string().nullable(),
      score_diff: z.number().nullable(),
      selected: z.array(z.string()),
      reservation_status: z.string().nullable(),
      sentence: z.string(),
      as_before: z.boolean(),
      what_if: whatIf.nullable(),
    }),
  ),
  decisions_left_out: z.number(),
  outcome: z.enum(['traded', 'refused', 'selected', 'rejected', 'never_decided']),
  sentence: z.string(),
  trade: trade.extend({ fees: z.number(), funding: z.number() }).nullable(),
  refusal: refusal.nullable(),
  hypothetical: z
    .strictObject({
      arbitration_id: z.string(),
      pnl: z.number().nullable(),
      exit_reason: z.string().nullable(),
      opportunity_cost: z.number().nullable(),
      filtered: z.string().nullable(),
    })
    .nullable(),
  notes: z.array(z.string()),
})

describe.each<[string, string | Record<string, unknown> | null]>([
  ['the default policy', null],
  ['a portfolio of two', 'two-positions.policy.json'],
  ['capital slots that lend, a deficit queue', 'slots.policy.json'],
  ['a hierarchy', { selection: 'hierarchy' }],
  ['a round robin', { fair_queue: 'round_robin' }],
])('explain under %s', (_title, policy) => {
  it('explain: every decision and every event has an explanation that fits 80 columns, and JSON of the documented shape', () => {
    const journal = replay(policy)
    const fail = (line: string): void => {
      throw new Error(line)
    }
    const arbitrations = valuesOf(journal, 'decisions', 'arbitration_id')
    const events = valuesOf(journal, 'events', 'event_id')
    expect(Math.min(arbitrations.length, events.length)).toBeGreaterThan(20)
    for (const id of [...arbitrations, ...events]) {
      const explanation = explain(journal, id, fail)
      const json = parseLossless(losslessText(explanation))
      if (explanation.kind === 'arbitration') {
        arbitration.parse(json)
        expect(explanation.decided_again).toBe(true)
      } else event.parse(json)
      for (const columns of [80, 120]) {
        const text = explanationText(explanation, { columns, isColoured: false })
        expect(text).not.toContain('undefined')
        expect(text).not.toContain('NaN')
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
      }
    }
  })
})

describe('explain: the command', () => {
  const journal = (): string => {
    const folder = join(temporaryFolder(), 'journal')
    mkdirSync(folder)
    const line = (id: string): string =>
      `{"event_id":"${id}","event_type":"FAILED_HUNT","symbol":"BTC","side":"long","state":"TRIGGERED","at_ns":1781719200000000001,"priority_score":0.5,"evidence":{}}\n`
    writeFileSync(join(folder, 'events-000001.ndjson'), line('hunt_BTC_1') + line('hunt_BTC_25'))
    return folder
  }

  const expectOneLine = (args: readonly string[], words: readonly string[]): void => {
    const run = signalbox(['explain', ...args])
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1)
    for (const word of words) expect(run.stderr).toContain(word)
    expect(run.stdout).toBe('')
    expect(run.status).toBe(2)
  }

  it('explain: prints one object with --json, every digit of a time in it, and no colour into a pipe', () => {
    const folder = journal()
    const run = signalbox(['explain', folder, 'hunt_BTC_1', '--json'])
    expect(run.stderr).toBe('')
    expect(run.status).toBe(0)
    expect(run.stdout).toContain('"at_ns":1781719200000000001,')
    expect(run.stdout.trimEnd().split('\n')).toHaveLength(1)
    const page = signalbox(['explain', folder, 'hunt_BTC_1'])
    expect(page.stdout).toContain('hunt_BTC_1')
    expect(page.stdout).not.toContain('\u001b')
  })

  it('explain: what is no journal, and what is no id of it, is one line', () => {
    const folder = journal()
    expectOneLine([join(folder, 'nowhere'), 'x'], ['nowhere', 'no such folder'])
    expectOneLine([root, 'x'], ['not a journal'])
    expectOneLine([join(folder, 'events-000001.ndjson'), 'x'], ['a journal is a folder'])
    expectOneLine([folder, 'hunt_BTC_2'], ['"hunt_BTC_2"', 'hunt_BTC_1, hunt_BTC_25'])
    expectOneLine([folder, 'BTC'], ['a symbol'])
    expectOneLine([folder, 'FAILED_HUNT'], ['an event type'])
    expectOneLine([folder, 'arb_20260617_180000_000001'], ['arbitration id'])
    expectOneLine([folder], ['id'])
  })

  it('explain: a line of another shape is named with file, line and key', () => {
    const folder = journal()
    appendFileSync(join(folder, 'events-000001.ndjson'), '{"event_id":"hunt_BTC_3","event_type":"FAILED_HUNT"}\n')
    expectOneLine([folder, 'hunt_BTC_3'], ['events-000001.ndjson:3', 'symbol'])
  })

  it('explain: of a line that is damaged its place is said, and not that its id is missing', () => {
    const folder = replay(null)
    const file = join(folder, 'decisions-000001.ndjson')
    const lines = readFileSync(file, 'utf8').split('\n')
    const [, , , id] = valuesOf(folder, 'decisions', 'arbitration_id')
    lines[3] = lines[3]!.replace('"candidates":[', '"candidates":[[')
    writeFileSync(file, lines.join('\n'))
    const run = signalbox(['explain', folder, id!])
    expect(run.status).toBe(2)
    expect(run.stderr).toContain(`decisions-000001.ndjson:4: the line of "${id}" is damaged: it is not JSON`)
    expect(run.stderr).not.toContain('nearest')
  })

  it('explain: a torn end is read up to and said on standard error', () => {
    const folder = journal()
    appendFileSync(join(folder, 'events-000001.ndjson'), '{"event_id":"hunt_BTC_1","event_ty')
    const run = signalbox(['explain', folder, 'hunt_BTC_1'])
    expect(run.status).toBe(0)
    expect(run.stdout).toContain('TRIGGERED')
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(run.stderr).toContain('events-000001.ndjson:3: is torn')
  })

  it('explain: a torn end behind what is looked for is said all the same', () => {
    const folder = replay(null)
    const [id] = valuesOf(folder, 'decisions', 'arbitration_id')
    appendFileSync(join(folder, 'decisions-000001.ndjson'), '{"timestamp":17817')
    const run = signalbox(['explain', folder, id!])
    expect(run.status).toBe(0)
    expect(run.stdout.startsWith(`${id}\n`)).toBe(true)
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(run.stderr).toMatch(/decisions-000001\.ndjson:\d+: is torn/)
  })

  it('explain: without its inputs a decision is explained, and no change of it is claimed', () => {
    const folder = replay(null)
    rmSync(join(folder, 'inputs-000001.ndjson'))
    const [, id] = valuesOf(folder, 'decisions', 'arbitration_id')
    const run = signalbox(['explain', folder, id!])
    expect(run.status).toBe(0)
    expect(run.stdout.replaceAll(/\s+/g, ' ')).toContain('no change can be verified')
    expect(run.stdout).not.toContain('Would have won')
    expect(readFileSync(join(folder, 'decisions-000001.ndjson'), 'utf8')).toContain(id)
  })
})
