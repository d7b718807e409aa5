import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { losslessText } from '../../../src/domain/lossless-text.ts'
import { readCounterfactuals } from '../../../src/learn/entry-reader.ts'
import { baseNs, entryLine, linesText, rejectedLine, selectedLine } from '../../support/counterfactuals.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const plain = entryLine(1, [selectedLine('btc', 150)], [rejectedLine('eth', 300, 150)])

function write(folder: string, number: number, text: string | Buffer): string {
  const path = join(folder, `counterfactuals-00000${number}.ndjson`)
  writeFileSync(path, text)
  return path
}

/** What is read of one file, and what is said of it without the file's name. */
function read(text: string | Buffer) {
  const path = write(temporaryFolder(), 1, text)
  const said: string[] = []
  const result = readCounterfactuals(path, { report: (line) => said.push(line.replace(path, 'F')) })
  return { ...result, said }
}

describe('counterfactual reader', () => {
  test('counterfactual reader: everything that a search or a report needs is kept, times to the nanosecond', () => {
    const { entries } = read(linesText([{ ...plain, regime: null }]))
    const row = entries.firstRow(0)
    expect([entries.arbitrationId(0), entries.timestampNs(0)]).toEqual([plain.arbitration_id, plain.timestamp])
    expect([entries.selectionReason(0), entries.regime(0), entries.weights(0)]).toEqual([
      'highest_score',
      null,
      plain.weights,
    ])
    expect([entries.selectedCount(0), entries.rejectedCount(0)]).toEqual([1, 1])
    expect([0, 1, 2, 3].map((component) => entries.raw(component, row))).toEqual([0.85, 0.95, 1, 0.8])
    const [selected, rejected] = [row, row + 1].map((at) => ({
      id: entries.eventId(at),
      type: entries.eventType(at),
      symbol: entries.symbol(at),
      tier: entries.tier(at),
      detected: entries.detectedAtNs(at),
      score: entries.score(at),
      pnl: entries.pnl(at),
      exit: entries.exitReason(at),
      reason: entries.reason(at),
      admissible: entries.isAdmissible(at),
      filtered: entries.filtered(at),
    }))
    const detected = baseNs - 3_000_000_000n
    expect(selected).toEqual({
      ...{ id: 'btc', type: 'LIQUIDATION_CASCADE', symbol: 'BTC', tier: 1, detected, score: 0.9, pnl: 150 },
      ...{ exit: 'target_hit', reason: null, admissible: true, filtered: null },
    })
    expect(rejected).toEqual({
      ...{ id: 'eth', type: 'FUNDING_SNAPBACK', symbol: 'ETH', tier: 3, detected, score: 0.59, pnl: 300 },
      ...{ exit: 'target_hit', reason: 'lower_score', admissible: true, filtered: null },
    })
    expect(entries.opportunityCost(row + 1)).toBe(150)
  })

  test('counterfactual reader: a later line of an id replaces the earlier one and keeps its place, across rotations too', () => {
    const folder = temporaryFolder()
    const early = entryLine(1, [selectedLine('btc', null)], [rejectedLine('eth', 300, null)])
    const other = entryLine(2, [selectedLine('sol', 1)], [])
    write(folder, 1, linesText([early, other]))
    write(folder, 2, linesText([plain]))
    const { entries, skipped } = readCounterfactuals(folder)
    expect([entries.count, skipped]).toEqual([2, 0])
    expect([0, 1].map((entry) => entries.arbitrationId(entry))).toEqual([early.arbitration_id, other.arbitration_id])
    expect(entries.pnl(entries.firstRow(0))).toBe(150)
    expect(entries.find(other.arbitration_id)).toBe(1)
    expect(entries.find('arb_none')).toBe(-1)
  })

  test.each([
    ['escapes in texts', { ...plain, regime: 'tr"e\\nd' }, 'tr"e\\nd'],
    ['letters beyond ASCII', { ...plain, regime: 'трéнд 𝄞' }, 'трéнд 𝄞'],
    ['a time before 1970', { ...plain, timestamp: -5n }, 'expansion'],
    ['a time near the end of 64 bits', { ...plain, timestamp: 2n ** 63n - 1n }, 'expansion'],
  ])('counterfactual reader: takes %s', (_, line, regime) => {
    const { entries, said } = read(linesText([line]))
    expect(said).toEqual([])
    expect([entries.regime(0), entries.timestampNs(0)]).toEqual([regime, line.timestamp])
  })

  test('counterfactual reader: numbers are those of JSON.parse, digit for digit', () => {
    const numbers = ['0.28709999999999997', '1e-3', '-0', '123456789.123456789', '9007199254740993', '1.5E2', '0.1']
    const texts = numbers.map((number, at) =>
      losslessText({ ...plain, arbitration_id: `arb_${at}` }).replace('"pnl":300', `"pnl":${number}`),
    )
    const { entries, said } = read(texts.join('\n'))
    expect(said).toEqual(['F:5: has 9007199254740992, which is no money'])
    expect([0, 1, 2, 3, 4, 5].map((entry) => entries.pnl(entries.firstRow(entry) + 1))).toEqual([
      ...[0.28709999999999997, 1e-3, -0, Number('123456789.123456789'), 150, 0.1],
    ])
  })

  const first = plain.rejected[0]!
  const { arbitration_id: _, ...nameless } = plain
  const wrong: [string, unknown, string][] = [
    ['a missing key', nameless, 'F:2: arbitration_id: must be text, got nothing'],
    ['a missing number', { ...plain, weights: {} }, 'F:2: weights.priority_score: must be a number, got nothing'],
    ['what is no list', { ...plain, rejected: {} }, 'F:2: rejected: must be a list, got an object'],
    ['what is no object', { ...plain, selected: [7] }, 'F:2: selected[0]: must be an object, got 7'],
    ['a line that is a list', [plain], 'F:2: is not a JSON object'],
    [
      'a word for a truth',
      { ...plain, rejected: [{ ...plain.rejected[0]!, admissible: 'no' }] },
      'F:2: rejected[0].admissible: must be true or false, got "no"',
    ],
    [
      'a tier beyond 32 bits',
      { ...plain, rejected: [{ ...plain.rejected[0]!, tier: 4_000_000_000 }] },
      'F:2: rejected[0].tier: must be an integer, got 4000000000',
    ],
    [
      'a text for a number',
      { ...plain, rejected: [{ ...first, score: '0.5' }] },
      'F:2: rejected[0].score: must be a number',
    ],
    ['a time with a fraction', { ...plain, timestamp: 1.5 }, 'F:2: timestamp: must be an integer of nanoseconds'],
    [
      'a filter of no name',
      { ...plain, rejected: [{ ...first, filtered: 'bad' }] },
      'F:2: rejected[0].filtered: must be null or one of unfinished,',
    ],
    [
      'no cost though it counts',
      { ...plain, rejected: [{ ...first, opportunity_cost: null }] },
      'F:2: rejected[0]: has no opportunity_cost',
    ],
    [
      'no outcome though it counts',
      { ...plain, rejected: [{ ...first, hypothetical_outcome: null }] },
      'F:2: rejected[0]: has no outcome',
    ],
    [
      'a weight of none',
      { ...plain, weights: { ...plain.weights, freshness: null } },
      'F:2: weights.freshness: must be a number',
    ],
    ['an empty name', { ...plain, selected: [selectedLine('', 1)] }, 'F:2: "" is no name'],
  ]
  test.each(wrong)('counterfactual reader: %s is named with file, line and key, and passed over', (__, line, said) => {
    const result = read(`${losslessText(entryLine(7, [], []))}\n${losslessText(line)}\n${losslessText(plain)}\n`)
    expect([result.entries.count, result.skipped]).toEqual([2, 1])
    expect(result.said).toHaveLength(1)
    expect(result.said[0]).toContain(said)
  })

  test('counterfactual reader: lines that are no JSON objects and a torn end are named; blank lines are nothing', () => {
    const text = linesText([plain])
    const bytes = Buffer.concat([
      Buffer.from(`[1]\n\n${text}hello\n`),
      Buffer.of(0xff, 0x0a),
      Buffer.from(text.slice(0, 99)),
    ])
    const { entries, skipped, said } = read(bytes)
    expect([entries.count, skipped]).toEqual([1, 4])
    expect(said.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'F:1: is not',
      'F:4: is not',
      'F:5: is not',
      'F:6: is torn:',
    ])
    expect(read(text.trimEnd()).entries.count).toBe(1)
  })

  test('counterfactual reader: strict stops at the first of them', () => {
    const path = write(temporaryFolder(), 1, `${linesText([plain])}{}\n[]\n`)
    expect(() => readCounterfactuals(path, { strict: true })).toThrow(`${path}:2: arbitration_id: `)
  })

  test('counterfactual reader: a missing rotation is named and counted', () => {
    const folder = temporaryFolder()
    write(folder, 1, linesText([plain]))
    write(folder, 3, '')
    const said: string[] = []
    expect(readCounterfactuals(folder, { report: (line) => said.push(line) }).skipped).toBe(1)
    expect(said[0]).toMatch(/counterfactuals-000002\.ndjson: is missing/)
  })

  test('counterfactual reader: a journal without counterfactuals has none; a folder that is no journal is refused', () => {
    const folder = temporaryFolder()
    expect(() => readCounterfactuals(folder)).toThrow('is not a journal')
    writeFileSync(join(folder, 'decisions-000001.ndjson'), '')
    expect(readCounterfactuals(folder).entries.count).toBe(0)
    expect(() => readCounterfactuals(join(folder, 'none'))).toThrow('there is no such file or folder')
  })

  test('counterfactual reader: many entries of many ids keep their places', () => {
    const many = Array.from({ length: 3_000 }, (_, at) => entryLine(at, [selectedLine(`s${at}`, at)], []))
    const { entries } = read(linesText([...many, ...many.slice(500, 600)]))
    expect(entries.count).toBe(3_000)
    expect(many.every((line, at) => entries.arbitrationId(at) === line.arbitration_id)).toBe(true)
    expect(many.every((line, at) => entries.eventId(entries.firstRow(at)) === line.selected[0]!.event_id)).toBe(true)
  })
})
