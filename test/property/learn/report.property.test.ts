/** The report against one that is written as the contract says it, over drawn journals with ties, replacements and gaps. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/base/random.ts'
import { EntryDraft } from '../../../src/learn/entry-draft.ts'
import { readCounterfactuals } from '../../../src/learn/entry-reader.ts'
import { EntryScanner } from '../../../src/learn/entry-scanner.ts'
import { reportOf } from '../../../src/learn/report.ts'
import { reportJson } from '../../../src/learn/report-json.ts'
import { drawnEntries, type EntryLine, linesText } from '../../support/counterfactuals.ts'
import { firstDifference } from '../../support/near.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { naiveReport } from './naive-report.ts'

const seeds = Array.from({ length: 60 }, (_, index) => index + 1)

function fileOf(text: string): string {
  const path = join(temporaryFolder(), 'counterfactuals-000001.ndjson')
  writeFileSync(path, text)
  return path
}

/** What of `lines` differs between the two reports, over all, since a time and of a regime. */
function differenceOf(lines: readonly EntryLine[], wanted: readonly EntryLine[], folder: string): string | null {
  const { entries, skipped } = readCounterfactuals(folder)
  if (skipped > 0) return `${skipped} skipped`
  const sinceNs = lines[lines.length >> 1]?.timestamp ?? 0n
  return (
    firstDifference(reportJson(reportOf(entries)), naiveReport(wanted)) ??
    firstDifference(
      reportJson(reportOf(entries, { sinceNs })),
      naiveReport(wanted, (one) => one.timestamp >= sinceNs),
    ) ??
    firstDifference(
      reportJson(reportOf(entries, { regime: 'null' })),
      naiveReport(wanted, (one) => one.regime === null),
    )
  )
}

/** The same value with its keys in another order and space between its tokens. */
function disordered(value: unknown, random: Random): string {
  const space = (): string => ['', ' ', '\t', '  '][random.uint32() % 4]!
  if (Array.isArray(value)) {
    return `[${space()}${value.map((item) => disordered(item, random)).join(`${space()},${space()}`)}${space()}]`
  }
  if (typeof value !== 'object' || value === null) return linesText([value]).trimEnd()
  const keys = Object.entries(value)
  for (let at = keys.length - 1; at > 0; at--) {
    const other = random.uint32() % (at + 1)
    const swap = keys[at]!
    keys[at] = keys[other]!
    keys[other] = swap
  }
  const texts = keys.map(([key, item]) => `${JSON.stringify(key)}${space()}:${space()}${disordered(item, random)}`)
  return `{${space()}${texts.join(`${space()},${space()}`)}${space()}}`
}

describe('report', () => {
  test.each(seeds)('report: every figure is that of the plain one, seed %d', (seed) => {
    const lines = drawnEntries(seed, seed * 2)
    expect(differenceOf(lines, lines, fileOf(linesText(lines)))).toBeNull()
  })

  test.each(seeds.slice(0, 20))('report: order of keys and space between tokens say nothing, seed %d', (seed) => {
    const random = new Random(seed)
    const lines = drawnEntries(seed, 40)
    const text = lines.map((line) => `${disordered({ ...line, more: { a: [1, {}] } }, random)}\n`).join('')
    expect(differenceOf(lines, lines, fileOf(text))).toBeNull()
  })

  test('report: what spoils one figure of one entry is found (canary)', () => {
    const spoil: ((entry: EntryLine) => void)[] = [
      (entry) => (entry.rejected[0]!.opportunity_cost! += 0.01),
      (entry) => (entry.rejected[0]!.filtered = 'low_priority'),
      (entry) => (entry.selected.at(-1)!.outcome!.pnl += 0.25),
      (entry) => (entry.rejected[0]!.raw.freshness += 1),
      (entry) => (entry.rejected[0]!.reason = 'halted'),
      (entry) => (entry.rejected[0]!.detected_at_ns += 10n),
      (entry) => (entry.rejected[0]!.event_type = 'OWN'),
      (entry) => (entry.timestamp += 86_400_000_000_000n * 400n),
      (entry) => (entry.regime = 'contraction'),
      (entry) => (entry.arbitration_id += '1'),
    ]
    for (const [index, change] of spoil.entries()) {
      const lines = drawnEntries(5, 60)
      // Nothing replaces it, and it is resolved.
      const target = lines.findLast(
        (one) =>
          one.rejected[0]?.filtered === null &&
          one.rejected[0].opportunity_cost! > 0 &&
          one.rejected[0].raw.freshness <= one.selected.at(-1)!.raw.freshness &&
          one.rejected[0].hypothetical_outcome!.pnl !== 0 &&
          one.selected.every((each) => each.outcome !== null) &&
          lines.filter((other) => other.arbitration_id === one.arbitration_id).length === 1,
      )!
      const path = fileOf(linesText(lines))
      const wanted = structuredClone(lines)
      if (index === 9) wanted.push(structuredClone(target))
      change(wanted[index === 9 ? wanted.length - 1 : lines.indexOf(target)]!)
      expect(differenceOf(lines, wanted, path), `spoilt ${index}`).not.toBeNull()
    }
  })
})

describe('entry scanner', () => {
  test('entry scanner: a line with any byte changed is taken only where it is JSON, and then as JSON.parse has it', () => {
    const random = new Random(77)
    const draft = new EntryDraft()
    const scanner = new EntryScanner(draft)
    const line = linesText([
      { ...drawnEntries(3, 1)[0]!, regime: 'trend', analysis: { regret: -0.5e-3, x: [true, null] } },
    ])
    const plain = Buffer.from(line.trimEnd().replaceAll('\\"', ' ').replaceAll('\\\\', ' '))
    expect(scanner.scan(plain)).toBe(true)
    const alphabet = Buffer.from('{}[]:,"0123456789-+.eE \\ntrufalsx\u0001')
    let taken = 0
    for (let trial = 0; trial < 20_000; trial++) {
      const bytes = Buffer.from(plain)
      const place = random.uint32() % bytes.length
      bytes[place] = alphabet[random.uint32() % alphabet.length]!
      if (!scanner.scan(bytes)) continue
      taken += 1
      const { arbitration_id: id, selected, rejected } = JSON.parse(bytes.toString()) as EntryLine
      expect(
        Buffer.from(draft.bytes.subarray(...(draft.arbitrationId as unknown as [number, number]))).toString(),
      ).toBe(id)
      expect([draft.selectedCount, draft.rejectedCount]).toEqual([selected.length, rejected.length])
    }
    expect(taken).toBeGreaterThan(1_000)
  })
})
