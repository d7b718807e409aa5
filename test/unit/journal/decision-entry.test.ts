import { describe, expect, test } from 'vitest'
import { parseLossless } from '../../../src/domain/lossless-json.ts'
import { decisionEntryOf } from '../../../src/journal/decision-entry.ts'
import type { JournalLine } from '../../../src/journal/reader.ts'
import { decisionText } from '../../support/journal-text.ts'
import { candidate, decide, policyOf } from '../decide/support.ts'

function lineOf(text: string): JournalLine {
  return {
    kind: 'line',
    file: 'decisions-000001.ndjson',
    line: 7,
    text,
    value: parseLossless(text) as JournalLine['value'],
  }
}

const decision = decide(policyOf({}), [candidate('a', { priorityScore: 0.75 }), candidate('b')])
const stamp = {
  timestampNs: 1_737_442_838_123_456_789n,
  sequence: 3,
  weightsVersion: 2,
  stateVersion: 4711,
  reservations: ['SUCCESS'] as const,
}

describe('decision entry', () => {
  test('decision entry: what was written is read back, every digit of the time', () => {
    const text = decisionText(decision, stamp)
    const entry = decisionEntryOf(lineOf(text))
    expect(entry).toMatchObject({ timestampNs: stamp.timestampNs, sequence: 3, weightsVersion: 2, stateVersion: 4711 })
    expect(entry.arbitrationId).toBe('arb_20250121_070038_000003')
    expect(entry.reservations).toEqual(['SUCCESS'])
    // Rounded to 12 digits as it is, so that writing it again gives the same line.
    expect(decisionText(entry.decision, stamp)).toBe(text)
  })

  test('decision entry: an allocation without a status has that of the entry; keys that are unknown are accepted', () => {
    const text = decisionText(decision, stamp).replace(',"reservation_status":"SUCCESS"}]', ',"later":1}]')
    expect(decisionEntryOf(lineOf(text)).reservations).toEqual(['SUCCESS'])
  })

  test('decision entry: what is wrong is named with file, line and key', () => {
    const text = decisionText(decision, stamp).replace('"rank":2', '"rank":"second"')
    expect(() => decisionEntryOf(lineOf(text))).toThrow(/^decisions-000001\.ndjson:7: candidates\[1\]\.rank: /)
  })
})
