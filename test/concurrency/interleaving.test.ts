/**
 * Two participants of the js backend, the one within the other's operation, at every step of it in turn (interleaved-plays.mjs): each
 * history must have an order that a sequential model explains, and each play sees the checks that are taken out of the backend for it.
 * The C++ core is searched more deeply, by native/test/model.
 */
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { type CoreCheck, copyCore, coreChecks } from '../support/core-checks.ts'
import { plays } from '../support/interleaved-plays.mjs'
import { type Call, findViolation } from '../support/linearizability.ts'
import { ledgerModel, registryModel } from '../support/sequential-models.ts'
import { temporaryFolder } from '../support/temporary.ts'

interface Interleaving {
  readonly title: string
  readonly judge: 'registry' | 'ledger' | null
  readonly calls: readonly Call[]
  readonly faults: readonly string[]
}

const nothingReserved = { capital: 100, nextToken: 1, slots: [], spent: [] }
const openMax = 3

/** Every interleaving of the plays, over two copies of the backend: it encodes ids into memory of a thread's own. */
function interleavings(titles: readonly string[], check: CoreCheck | null): Promise<Interleaving[]> {
  const folders = [temporaryFolder(), temporaryFolder()]
  for (const folder of folders) copyCore(folder, check)
  const script = new URL('../support/workers/interleaving-worker.mjs', import.meta.url)
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData: { folders, titles } })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`worker ended with ${code}`)))
  })
}

function violationIn({ judge, calls, faults }: Interleaving): string | null {
  if (faults.length > 0) return faults.join()
  if (judge === 'ledger') return findViolation(calls, ledgerModel(nothingReserved, openMax))
  if (judge === null) return null
  for (const id of new Set(calls.map(({ values }) => values[0]))) {
    const violation = findViolation(
      calls.filter(({ values }) => values[0] === id),
      registryModel,
    )
    if (violation !== null) return violation
  }
  return null
}

describe('interleaving: calls within an operation of another participant, on the js backend', () => {
  it('interleaving: whatever the step at which the calls come, there is an order', async () => {
    const titles = Object.keys(plays)
    const all = await interleavings(titles, null)
    for (const title of titles) {
      const played = all.filter((one) => one.title === title)
      expect([title, ...played.map(violationIn)].filter((text) => text !== null)).toEqual([title])
      // One for each step, and the one in which nobody came in between.
      expect([title, played.length > 1]).toEqual([title, true])
    }
    expect(all.length).toBeGreaterThan(500)
  })

  it.each(coreChecks.map((check) => [check.name, check.play, check] as const))(
    'canary: without %s something is wrong where %s',
    async (_, play, check) => {
      const all = await interleavings([play], check)
      expect(all.some((one) => violationIn(one) !== null)).toBe(true)
    },
  )

  it('canary: a check that is no longer in the text of the backend is an error', () => {
    const folder = temporaryFolder()
    expect(() => copyCore(folder, { ...coreChecks[0]!, text: 'no such check' })).toThrow('0 places of "no such check"')
  })
})
