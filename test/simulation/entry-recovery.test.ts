/** A run that was killed leaves decisions without an entry: the next writer gives them one, with what the journal knows. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { missingEntries } from '../../src/journal/entry-recovery.ts'
import { Journal } from '../../src/journal/journal.ts'
import { JournalDesk } from '../../src/pipeline/journal-desk.ts'
import { InlineJournal } from '../../src/pipeline/run-journal.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { playMadeUpRun } from './made-up-market.ts'

interface Entry {
  readonly arbitration_id: string
  readonly selected: readonly { event_id: string; outcome: object | null; simulated_outcome?: object }[]
  readonly rejected: readonly { event_id: string }[]
}

async function journalOf(seed: number): Promise<{ folder: string; file: string; lines: string[]; rig: Rig }> {
  const folder = temporaryFolder()
  const journal = new InlineJournal(Journal.open(folder))
  const { rig } = playMadeUpRun(seed, { journal })
  await journal.close()
  rig.close()
  const file = join(folder, 'counterfactuals-000001.ndjson')
  return { folder, file, lines: readFileSync(file, 'utf8').split('\n').slice(0, -1), rig }
}
type Rig = ReturnType<typeof playMadeUpRun>['rig']

/** What a recovered entry has to say of a decision, of the entry that was lost. */
function knownOf(line: string): object {
  const { selected, rejected, ...entry } = JSON.parse(line) as Entry
  return {
    ...entry,
    analysis: { selected_better: true, best_alternative: null, total_opportunity_cost: 0, regret: 0 },
    selected: selected.map(({ simulated_outcome: _, ...one }) => one),
    rejected: rejected.map((one) => ({
      ...one,
      ...{ hypothetical_outcome: null, opportunity_cost: null, filtered: 'unfinished' },
    })),
  }
}

describe('recovered entries', () => {
  it('are those that are missing, in the order of their decisions, and say what decisions, inputs and trades say', async () => {
    let recovered = 0
    for (let seed = 1; seed <= 40; seed += 1) {
      const { folder, file, lines } = await journalOf(seed)
      expect(allMissing(folder)).toEqual([])
      const lost = lines.filter((_, index) => index % 3 === 0)
      writeFileSync(
        file,
        lines
          .filter((line) => !lost.includes(line))
          .map((line) => `${line}\n`)
          .join(''),
      )
      const again = allMissing(folder)
      const expected = lost.map(knownOf).sort(bySequence)
      expect(again.map((line) => JSON.parse(line))).toEqual(expected)
      recovered += again.length
    }
    expect(recovered).toBeGreaterThan(200)
  })

  it('only of the run that did not end: from the sequence that its mark tells, up to what is decided now', async () => {
    const { folder, file, lines } = await journalOf(7)
    writeFileSync(file, '')
    const sequences = lines.map((line) => bySequenceOf(JSON.parse(line))).sort((one, other) => one - other)
    const [first, end] = [sequences[3]!, sequences[9]!]
    const between = [...missingEntries(folder, first, end)].flatMap((line) => (line === null ? [] : [JSON.parse(line)]))
    expect(between.map(bySequenceOf)).toEqual(sequences.filter((sequence) => sequence >= first && sequence < end))
  })

  it('pass over lines that are none, and over decisions whose inputs were lost', async () => {
    const { folder, file, lines } = await journalOf(7)
    writeFileSync(file, '')
    const decisions = join(folder, 'decisions-000001.ndjson')
    const torn = '{"arbitration_id":"arb_20260617_000000_000001", oops}'
    const foreign = '{"arbitration_id":"arb_20260617_000000_000002"}'
    writeFileSync(decisions, `${torn}\n${foreign}\n${readFileSync(decisions, 'utf8')}{"arbitration_id":"arb_2026`)
    expect(allMissing(folder)).toHaveLength(lines.length)
    const inputs = join(folder, 'inputs-000001.ndjson')
    writeFileSync(inputs, readFileSync(inputs, 'utf8').split('\n').slice(1).join('\n'))
    expect(lines.length - allMissing(folder).length).toBeLessThanOrEqual(1)
    writeFileSync(inputs, '')
    expect(allMissing(folder)).toEqual([])
  })

  it('are written by the next run that tracks, once, behind one that did not end, whoever wrote the folder meanwhile', async () => {
    const { folder, file, lines, rig } = await journalOf(7)
    const mark = join(folder, 'tracking.open')
    expect(existsSync(mark)).toBe(false)
    writeFileSync(file, '')
    const { policy, fill, eventCapacity, positionsMax } = rig.config
    const setup = {
      policy,
      instruments: rig.instruments,
      fill,
      eventCapacity,
      positionsMax,
      pendingMax: 10,
      isSupposed: true,
    }
    const names = { types: rig.types, symbols: [], timeline: rig.timeline, policyText: { before: '{', after: '}' } }
    const open = (isTracked: boolean, ends = true): number => {
      const journal = Journal.open(folder)
      const desk = new JournalDesk(journal, names, isTracked ? setup : null)
      while (desk.recover());
      desk.finish()
      if (ends) {
        journal.close()
        desk.settled()
      } else journal.abandon()
      return desk.recoveredEntries
    }
    expect(open(true)).toBe(0)
    writeFileSync(mark, '1\n')
    expect(open(false)).toBe(0)
    // What it recovered was never written: the disk was full to its end.
    expect(open(true, false)).toBe(lines.length)
    expect(open(true)).toBe(lines.length)
    expect([open(true), existsSync(mark)]).toEqual([0, false])
  })

  it('canary: a recovery that ignores what is known writes every entry again', async () => {
    const { folder, lines } = await journalOf(7)
    renameSync(join(folder, 'counterfactuals-000001.ndjson'), join(folder, 'other.ndjson'))
    expect(allMissing(folder)).toHaveLength(lines.length)
  })
})

function allMissing(folder: string): string[] {
  return [...missingEntries(folder, 0, Number.POSITIVE_INFINITY)].filter((line) => line !== null)
}

function bySequenceOf(entry: object): number {
  return Number((entry as Entry).arbitration_id.split('_').at(-1))
}

function bySequence(one: object, other: object): number {
  return bySequenceOf(one) - bySequenceOf(other)
}
