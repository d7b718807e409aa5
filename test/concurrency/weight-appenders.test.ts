/** Several processes append weight sets to one folder at once: a version is given once, and none is lost. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { scanWeightSets } from '../../src/journal/weight-sets.ts'
import { temporaryFolder } from '../support/temporary.ts'

const worker = fileURLToPath(new URL('../support/workers/weight-appender.mjs', import.meta.url))
const processes = 3
const each = 40

/** What each process was given; 0: there was nothing to roll back to, −1: the file was broken. */
async function contend(folder: string, locks: boolean): Promise<number[]> {
  const children = Array.from({ length: processes }, (_, index) => {
    const args = [worker, folder, String(each), `p${index}`, locks ? 'yes' : 'no']
    return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  })
  await Promise.all(children.map((child) => once(child.stdout, 'data')))
  const ends = children.map(async (child) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    await once(child, 'close')
    return JSON.parse(text) as number[]
  })
  for (const child of children) child.stdin.end('x')
  return (await Promise.all(ends)).flat()
}

describe('appenders of weight sets', () => {
  it('in three processes at once give each version once, and every one that was given is in the file', async () => {
    const folder = temporaryFolder()
    const given = (await contend(folder, true)).filter((version) => version !== 0)
    const { sets, faults } = scanWeightSets(folder)
    expect(faults).toEqual([])
    expect(given.sort((one, other) => one - other)).toEqual(sets.slice(1).map(({ version }) => version))
    expect(sets.map(({ version }) => version)).toEqual(sets.map((_, index) => index + 1))
    const byProcess = sets.flatMap(({ reason }) => /^(p\d) (\d+)$/.exec(reason)?.slice(1) ?? [])
    expect(byProcess.length / 2).toBe(processes * each * 0.75)
    expect(readdirSync(folder)).toEqual(['weights.ndjson'])
  })

  it('canary: without the lock a version is given twice', async () => {
    const folder = temporaryFolder()
    const given = (await contend(folder, false)).filter((version) => version > 0)
    expect(new Set(given).size === given.length && scanWeightSets(folder).faults.length === 0).toBe(false)
  })
})
