/**
 * A made-up recording in which the built-in cascade detector fires: half an hour of a quiet random walk, then falls of 2 % within
 * half a minute, each with heavy selling. Written as files, as a feed or a replay takes them.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '../../src/base/random.ts'

/** 2026-06-17 00:00 UTC. */
export const recordingStartMs = 1_781_654_400_000

export interface MadeUpRecording {
  readonly files: readonly string[]
  /** Just before the first fall: what lies before warms the state up. */
  readonly fallUnixMs: number
  readonly endUnixMs: number
}

export interface MadeUpOptions {
  readonly symbols?: readonly string[]
  readonly seed?: number
  readonly startMs?: number
  /** How long it goes on after the beginning of the first fall. */
  readonly tailSeconds?: number
}

const quietSeconds = 1800
const fallSeconds = 30

export function writeMadeUpRecording(folder: string, options: MadeUpOptions = {}): MadeUpRecording {
  const { symbols = ['BTC', 'ETH'], seed = 1, startMs = recordingStartMs, tailSeconds = 120 } = options
  const files: string[] = []
  symbols.forEach((symbol, index) => {
    const random = new Random(seed + index)
    let price = symbol === 'BTC' ? 65_000 : 3_000
    const trades: string[] = []
    const contexts: string[] = []
    // The symbols fall one after the other, three seconds apart.
    const fallAt = quietSeconds + index * 3
    for (let second = 0; second < quietSeconds + tailSeconds; second += 1) {
      const isFalling = second >= fallAt && second < fallAt + fallSeconds
      const trips = isFalling ? 6 : 2
      for (let trip = 0; trip < trips; trip += 1) {
        price *= isFalling ? 1 - 0.02 / (fallSeconds * trips) : 1 + (random.fraction() - 0.5) * 1e-4
        const side = isFalling || random.fraction() < 0.5 ? 'A' : 'B'
        const ts = startMs + second * 1000 + Math.floor((trip * 1000) / trips)
        const px = Number(price.toFixed(symbol === 'BTC' ? 1 : 2))
        trades.push(JSON.stringify({ ts, px, sz: isFalling ? 20 : 1 + random.integer(0, 3), side }))
      }
      if (second % 60 === 0) {
        const ts = startMs + second * 1000
        contexts.push(
          JSON.stringify({
            ts,
            funding: 1e-5,
            oi: 30_000,
            mark: Number(price.toFixed(2)),
            oracle: Number(price.toFixed(2)),
          }),
        )
      }
    }
    for (const [kind, lines] of [
      ['trades', trades],
      ['ctx', contexts],
    ] as const) {
      const path = join(folder, `${kind}_${symbol}_made-up.jsonl`)
      writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
      files.push(path)
    }
  })
  return {
    files,
    fallUnixMs: startMs + quietSeconds * 1000,
    endUnixMs: startMs + (quietSeconds + tailSeconds) * 1000,
  }
}
