/** Recordings made for one test, in a folder of its own, and what a feed makes of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createMarketRecord, type MarketRecord } from '../../../../src/domain/market.ts'
import type { RecordedFeed } from '../../../../src/stages/feed/recorded-feed.ts'

/** 2026-06-17 00:00 UTC. */
export const midnightMs = 1_781_654_400_000

export class RecordingFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'signalbox-feed-'))

  /** Writes lines (or bytes as they are) under `name`, packed when the name says so, and returns the path. */
  write(name: string, content: readonly string[] | string | Buffer): string {
    const bytes =
      typeof content === 'string' || Buffer.isBuffer(content) ? content : content.map((line) => `${line}\n`).join('')
    const path = join(this.path, name)
    writeFileSync(path, name.endsWith('.gz') && !Buffer.isBuffer(bytes) ? gzipSync(bytes) : bytes)
    return path
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

export function tradeLine(
  offsetMs: number,
  px: number | string = 65_640,
  sz: number | string = 0.5,
  side = 'B',
): string {
  return JSON.stringify({ ts: midnightMs + offsetMs, px, sz, side })
}

export function contextLine(
  offsetMs: number,
  funding = 1.25e-5,
  oi = 31_663.5,
  mark = 65_668,
  oracle = 65_703,
): string {
  return JSON.stringify({ ts: midnightMs + offsetMs, funding, oi, mark, oracle })
}

/** Everything that is left of a feed, copied. */
export async function drain(feed: RecordedFeed): Promise<MarketRecord[]> {
  const all: MarketRecord[] = []
  for (;;) {
    const { records, count } = await feed.nextBatch()
    if (count === 0) return all
    for (const record of records.slice(0, count)) all.push(copyOf(record))
  }
}

export function copyOf(record: MarketRecord): MarketRecord {
  return Object.assign(createMarketRecord(), record)
}

/** Waits until `isTrue()`, looking again at every turn of the event loop; fails at the deadline. */
export async function until(isTrue: () => boolean, what: string, deadlineMs = 20_000): Promise<void> {
  const signal = AbortSignal.timeout(deadlineMs)
  while (!isTrue()) {
    if (signal.aborted) throw new Error(`waited ${deadlineMs} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
