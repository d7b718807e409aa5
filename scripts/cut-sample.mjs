/**
 * Cuts the recordings of `samples/` out of a day of recorded Hyperliquid data: the rows of one window of time, unchanged, line by
 * line, packed again without a time stamp, so that the same recordings give the same files.
 *
 *   node scripts/cut-sample.mjs [--source ../shared/data/hyperliquid] [--out samples] [--day 20260617]
 *                               [--from 2026-06-17T14:00Z] [--until 2026-06-17T18:30Z]
 *
 * Prints a line a file. Run by hand; its result is kept in the repository, with its provenance in samples/README.md.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    source: { type: 'string', default: join(root, '../shared/data/hyperliquid') },
    out: { type: 'string', default: join(root, 'samples') },
    day: { type: 'string', default: '20260617' },
    from: { type: 'string', default: '2026-06-17T14:00Z' },
    until: { type: 'string', default: '2026-06-17T18:30Z' },
  },
})
const fromMs = Date.parse(values.from)
const untilMs = Date.parse(values.until)
if (!(fromMs < untilMs)) throw new Error(`--from ${values.from} must be before --until ${values.until}`)

const names = readdirSync(values.source)
  .filter((name) => /^(trades|ctx)_/.test(name) && name.endsWith(`_${values.day}.jsonl.gz`))
  .sort()
if (names.length === 0) throw new Error(`${values.source} holds no trades_… or ctx_… of ${values.day}`)

mkdirSync(values.out, { recursive: true })
let bytesTotal = 0
for (const name of names) {
  const lines = gunzipSync(readFileSync(join(values.source, name)))
    .toString('utf8')
    .split('\n')
  const kept = lines.filter((line) => {
    if (line === '') return false
    const { ts } = JSON.parse(line)
    return ts >= fromMs && ts < untilMs
  })
  const packed = gzipSync(kept.map((line) => `${line}\n`).join(''), { level: 9 })
  // Byte 9 names the system that packed; 255 is "unknown". Bytes 4 to 7, the time, are 0 already.
  packed[9] = 255
  writeFileSync(join(values.out, name), packed)
  bytesTotal += packed.length
  process.stdout.write(`${name}: ${kept.length} of ${lines.length - 1} rows, ${packed.length} bytes\n`)
}
process.stdout.write(`${names.length} files, ${bytesTotal} bytes\n`)
