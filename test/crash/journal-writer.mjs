/**
 * The process that the journal's crash tests kill: `node journal-writer.mjs MODE FOLDER …`. It runs the built package and
 * talks in lines on standard output, written at once.
 */
import fs from 'node:fs'
import { FolderLock } from '../../dist/journal/folder-lock.js'
import { Journal } from '../../dist/journal/journal.js'

const [mode, folder, ...rest] = process.argv.slice(2)
const say = (text) => fs.writeSync(1, `${text}\n`)

/** Appends numbered lines for ever; says the last acknowledged one after each flush. The liar says it before. */
function write(firstNumber, seed, lies) {
  let state = seed >>> 0
  const random = (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * bound)
  }
  const journal = Journal.open(folder, { series: ['events'], rotateBytes: 20_000_000, bufferBytes: 1 << 25 })
  let next = firstNumber
  for (;;) {
    for (let count = 1 + random(60); count > 0; count -= 1) {
      journal.append('events', JSON.stringify({ n: next, pad: 'x'.repeat(random(200_000)) }))
      next += 1
    }
    // A kill on this word arrives in the middle of the write.
    say('writing')
    if (lies) say(next - 1)
    if (journal.flush().status !== 'ok') throw new Error('the disk refused')
    if (!lies) say(firstNumber + journal.acknowledgedLines('events') - 1)
  }
}

/** Takes the lock many times; while it holds it, makes a file that nobody else may have made. */
function contend(rounds, respectsLock) {
  const marker = `${folder}/held`
  const counts = { held: 0, refused: 0, violations: 0 }
  say('ready')
  fs.readSync(0, Buffer.alloc(1))
  for (let round = 0; round < rounds; round += 1) {
    let lock = null
    try {
      if (respectsLock) lock = FolderLock.acquire(folder)
    } catch (thrown) {
      if (thrown.code !== 'ERR_INPUT') throw thrown
      counts.refused += 1
      continue
    }
    counts.held += 1
    try {
      fs.closeSync(fs.openSync(marker, 'wx'))
      for (let look = 0; look < 3; look += 1) fs.readdirSync(folder)
      fs.unlinkSync(marker)
    } catch (thrown) {
      if (thrown.code !== 'EEXIST') throw thrown
      counts.violations += 1
    }
    lock?.release()
  }
  say(JSON.stringify(counts))
}

/** Fills the disk of `folder`, appends until it refuses, frees the disk and goes on. */
function fillDisk(isReal) {
  const ballast = `${folder}/ballast`
  let freeBytes = 100_000
  const quota = {
    ...fs,
    writeSync: (fd, bytes, offset, length, position) => {
      const taken = Math.min(length, freeBytes)
      if (taken === 0) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
      freeBytes -= taken
      return fs.writeSync(fd, bytes, offset, taken, position)
    },
    ftruncateSync: (fd, length) => {
      freeBytes += fs.fstatSync(fd).size - length
      fs.ftruncateSync(fd, length)
    },
  }
  const journal = Journal.open(`${folder}/journal`, { series: ['events'], ...(isReal ? {} : { fs: quota }) })
  if (isReal) fs.writeFileSync(ballast, Buffer.alloc(100_000))
  let appended = 0
  let result = { status: 'ok' }
  while (result.status === 'ok') {
    for (let count = 0; count < 7; count += 1) {
      journal.append('events', JSON.stringify({ n: appended, pad: 'x'.repeat(1500) }))
      appended += 1
    }
    result = journal.flush()
  }
  const path = `${folder}/journal/events-000001.ndjson`
  const lines = () => fs.readFileSync(path, 'utf8').split('\n')
  const stopped = { errno: result.errno, acknowledged: journal.acknowledgedLines('events') }
  const atStop = lines()
  const again = journal.flush().status
  if (isReal) fs.unlinkSync(ballast)
  else freeBytes = 1_000_000
  const resumed = journal.flush().status
  journal.append('events', JSON.stringify({ n: appended }))
  appended += 1
  journal.close()
  const numbers = lines()
    .slice(0, -1)
    .map((text) => JSON.parse(text).n)
  say(
    JSON.stringify({
      ...stopped,
      rest: atStop.at(-1),
      wholeLines: atStop.length - 1,
      again,
      resumed,
      appended,
      inOrder: numbers.length === appended && numbers.every((number, index) => number === index),
    }),
  )
}

if (mode === 'write' || mode === 'lie') write(Number(rest[0]), Number(rest[1]), mode === 'lie')
else if (mode === 'contend' || mode === 'contend-without-lock') contend(Number(rest[0]), mode === 'contend')
else if (mode === 'hold') {
  Journal.open(folder)
  say('held')
  fs.readSync(0, Buffer.alloc(1))
} else fillDisk(mode === 'fill-real')
