/** Processes that write a journal are killed at random moments, contend for its folder, and run out of disk. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { Journal } from '../../src/journal/journal.ts'
import { readJournal } from '../../src/journal/reader.ts'

const writer = fileURLToPath(new URL('journal-writer.mjs', import.meta.url))

function temporaryFolder(): string {
  const folder = fs.mkdtempSync(join(tmpdir(), 'signalbox-crash-'))
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

function start(...args: (string | number)[]): ChildProcess {
  const child = spawn(process.execPath, [writer, ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

/** The numbers in the journal, which must hold nothing but whole lines. */
function numbersIn(folder: string): unknown[] {
  return [...readJournal(folder, 'events', { strict: true })].map((read) => read.kind === 'line' && read.value.n)
}

/** Lets a writer say `lives` lines, kills it, and returns the last number that it said. */
async function killAfter(child: ChildProcess, lives: number): Promise<number> {
  let said = 0
  let last = 0
  // A line is only what ended with its newline; what the process said before it died still arrives.
  const lines = createInterface({ input: child.stdout! })
  lines.on('line', (text) => {
    if (text !== 'writing') last = Number(text)
    said += 1
    if (said === lives) child.kill('SIGKILL')
  })
  const [[, signal]] = await Promise.all([once(child, 'exit'), once(lines, 'close')])
  expect(signal).toBe('SIGKILL')
  return last
}

const seed = 20_251_010

/**
 * Kills one writer after another, at least `rounds` of them and on until `isEnough` or ten times as many; returns how many
 * acknowledged lines were missing, and how many ends were torn.
 */
async function killWriters(
  mode: 'write' | 'lie',
  rounds: number,
  isEnough: (seen: { lost: number; torn: number }) => boolean,
): Promise<{ lost: number; torn: number }> {
  const random = new Random(seed)
  let folder = ''
  let next = 1
  let lost = 0
  let torn = 0
  for (let round = 0; round < rounds || (round < 10 * rounds && !isEnough({ lost, torn })); round += 1) {
    const where = `seed ${seed}, round ${round}`
    if (round % 3 === 0) {
      folder = temporaryFolder()
      next = 1
    }
    const acknowledged = await killAfter(start(mode, folder, next, random.uint32()), random.integer(2, 7))
    const journal = Journal.open(folder, { series: ['events'] })
    if (journal.recovered[0]!.cutBytes > 0) torn += 1
    journal.close()
    const numbers = numbersIn(folder)
    expect(numbers, where).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1))
    lost += Math.max(0, acknowledged - numbers.length)
    next = numbers.length + 1
    // The dead one's lock is gone with it.
    expect(
      fs.readdirSync(folder).filter((name) => name.endsWith('.lock')),
      where,
    ).toEqual([])
  }
  return { lost, torn }
}

describe('journal of a killed process', () => {
  test('journal: after SIGKILL at random moments every acknowledged line is there once, in order, and the next writer goes on', async () => {
    const { lost, torn } = await killWriters('write', 30, ({ torn }) => torn > 0)
    expect(lost).toBe(0)
    // Some kills meet a write half done, how many depends on the machine; without one the test has not tried what it is for.
    if (process.platform === 'linux') expect(torn).toBeGreaterThan(0)
  })

  test('canary: a writer that acknowledges before it writes is found out', async () => {
    const { lost } = await killWriters('lie', 9, ({ lost }) => lost > 0)
    expect(lost).toBeGreaterThan(0)
  })
})

describe('folder lock between processes', () => {
  async function contend(mode: string): Promise<{ held: number; violations: number }> {
    const folder = temporaryFolder()
    const children = [0, 1, 2].map(() => start(mode, folder, 300))
    const readers = children.map((child) => createInterface({ input: child.stdout! })[Symbol.asyncIterator]())
    for (const reader of readers) expect((await reader.next()).value).toBe('ready')
    for (const child of children) child.stdin!.end('!')
    const total = { held: 0, violations: 0 }
    for (const reader of readers) {
      const counts = JSON.parse((await reader.next()).value as string) as typeof total
      total.held += counts.held
      total.violations += counts.violations
    }
    return total
  }

  test('folder lock: of processes that contend for a folder never two hold it', async () => {
    const { held, violations } = await contend('contend')
    expect(violations).toBe(0)
    expect(held).toBeGreaterThan(0)
  })

  test('canary: without the lock two hold it', async () => {
    expect((await contend('contend-without-lock')).violations).toBeGreaterThan(0)
  })

  test('folder lock: a second process is refused by name, and takes over when the first is killed', async () => {
    const folder = temporaryFolder()
    const child = start('hold', folder)
    await once(child.stdout!, 'data')
    expect(() => Journal.open(folder)).toThrow(
      expect.objectContaining({
        code: 'ERR_INPUT',
        field: folder,
        message: expect.stringContaining(`process ${child.pid} is writing it`),
      }),
    )
    child.kill('SIGKILL')
    await once(child, 'exit')
    Journal.open(folder).close()
  })
})

describe('journal on a full disk', () => {
  const expected = { errno: 'ENOSPC', rest: '', again: 'stopped', resumed: 'ok', inOrder: true }

  function check(output: string): void {
    const report = JSON.parse(output) as { acknowledged: number; wholeLines: number; appended: number }
    expect(report).toMatchObject(expected)
    expect(report.wholeLines).toBe(report.acknowledged)
    expect(report.acknowledged).toBeGreaterThan(0)
    expect(report.appended).toBeGreaterThan(report.acknowledged)
  }

  test('disk full: the journal stops without a half line and resumes when space is back, on a disk of 256 KiB', () => {
    const folder = temporaryFolder()
    // In a mount namespace of its own: the small disk vanishes with the process.
    const script = 'mount -t tmpfs -o size=256k none "$1" && echo mounted && exec "$2" "$3" fill-real "$1"'
    const real = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', folder, process.execPath, writer], {
      encoding: 'utf8',
    })
    if (real.stdout?.startsWith('mounted\n') === true) {
      expect(real.stderr).toBe('')
      check(real.stdout.slice('mounted\n'.length))
      return
    }
    process.stderr.write('disk full: no small disk can be mounted here; the same is run on a counted one\n')
    check(spawnSync(process.execPath, [writer, 'fill-counted', folder], { encoding: 'utf8' }).stdout)
  })

  test('disk full: the same on a counted disk, whose last write is a short one', () => {
    check(spawnSync(process.execPath, [writer, 'fill-counted', temporaryFolder()], { encoding: 'utf8' }).stdout)
  })
})
