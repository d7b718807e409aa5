/** The sample as the long run plays it: warm-up files, and how many rows have been played by when. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { root } from './command.ts'

const folder = join(root, 'samples')

export interface LoopedSample {
  /** The sample's files. */
  readonly files: readonly string[]
  /** Where the playback begins, and where every loop after the first does. */
  readonly fromUnixMs: number
  readonly loopFromUnixMs: number
  /** The same files with what lies before the begin. */
  readonly warmup: readonly string[]
  /** How many rows were due up to and including `unixMs`, loops counted. */
  playedRows(unixMs: number): number
}

/** @param warmupFolder - Takes the warm-up's files. */
export function loopedSample(warmupFolder: string): LoopedSample {
  // The fall of the sample comes at 18:00; later loops are all of it, since what comes every half hour is nothing unusual.
  const fromUnixMs = Date.UTC(2026, 5, 17, 17, 57)
  const loopFromUnixMs = Date.UTC(2026, 5, 17, 14, 0)
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl.gz'))
  const times: number[] = []
  const warmup = names.map((name) => {
    const lines = gunzipSync(readFileSync(join(folder, name)))
      .toString()
      .trimEnd()
      .split('\n')
    const before = lines.filter((line) => {
      const ts = Number(/"ts":(\d+)/.exec(line)![1])
      times.push(ts)
      return ts < fromUnixMs
    })
    const path = join(warmupFolder, name.replace(/\.gz$/, ''))
    writeFileSync(path, before.map((line) => `${line}\n`).join(''))
    return path
  })
  times.sort((one, other) => one - other)
  const endUnixMs = times.at(-1)!
  const countUpTo = (unixMs: number): number => times.filter((ts) => ts <= unixMs).length
  const skipped = countUpTo(fromUnixMs - 1)
  return {
    files: names.map((name) => join(folder, name)),
    fromUnixMs,
    loopFromUnixMs,
    warmup,
    playedRows(unixMs) {
      if (unixMs <= endUnixMs) return countUpTo(unixMs) - skipped
      const loopMs = endUnixMs - loopFromUnixMs + 1
      const sinceMs = unixMs - endUnixMs - 1
      const loops = Math.floor(sinceMs / loopMs)
      return times.length - skipped + loops * times.length + countUpTo(loopFromUnixMs + sinceMs - loops * loopMs)
    },
  }
}
