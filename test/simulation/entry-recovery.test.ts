/** A run that was killed leaves decisions without an entry: the next writer gives them one, with what the journal knows. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
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
      expect(missingEntries(folder)).toEqual([])
      const lost = lines.filter((_, index) => index % 3 === 0)
      writeFileSync(
        file,
        lines
          .filter((line) => !lost.includes(line))
          .map((line) => `${line}\n`)
          .join(''),
      )
      const again = missingEntries(folder)
      const expected = lost.map(knownOf).sort(bySequence)
      expect(again.map((line) => JSON.parse(line))).toEqual(expected)
      recovered += again.length
    }
    expect(recovered).toBeGreaterThan(200)
  })

  it('are written by the next run that tracks, once, and only behind one that was killed', async () => {
    const { folder, file, lines, rig } = await journalOf(7)
    writeFileSync(file, '')
    const { policy, fill, eventCapacity, positionsMax } = rig.config
    const setup = { policy, instruments: rig.instruments, fill, eventCapacity, positionsMax, pendingMax: 10 }
    const names = { types: rig.types, symbols: [], timeline: rig.timeline, policyText: '{}' }
    const open = (isTracked: boolean): number => {
      const journal = Journal.open(folder)
      const { recoveredEntries } = new JournalDesk(journal, names, isTracked ? setup : null)
      journal.close()
      return recoveredEntries
    }
    expect(open(true)).toBe(0)
    const [lock] = readdirSync(folder).filter((name) => name.endsWith('.lock'))
    expect(lock).toBeUndefined()
    // Of a process that is no more: 2^22 is beyond the greatest id.
    const leaveLock = (): void => {
      const journal = Journal.open(folder)
      const own = readdirSync(folder).find((name) => name.endsWith('.lock'))!
      journal.close()
      writeFileSync(join(folder, own.replace(/-\d+-[^-]+\.lock$/, '-4194305-unknown.lock')), '')
    }
    leaveLock()
    expect(open(false)).toBe(0)
    leaveLock()
    expect(open(true)).toBe(lines.length)
    leaveLock()
    expect(open(true)).toBe(0)
  })
})

function bySequence(one: object, other: object): number {
  const sequence = (entry: object): number => Number((entry as Entry).arbitration_id.split('_').at(-1))
  return sequence(one) - sequence(other)
}
