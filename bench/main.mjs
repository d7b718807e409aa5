/**
 * `npm run bench -- [SUITE …] [--json] [--quick]`: how fast this machine makes Signalbox, against the bars of the design.
 *
 * With `--json` standard output holds exactly one object; progress goes to standard error always. Ends with 0 whether or not the
 * bars hold, 1 when something could not be measured, 2 when the call is wrong.
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { loadNative } from '../dist/region/backend/native.js'
import { environment } from './environment.mjs'
import { buildFloorAddon } from './floor-addon.mjs'
import { rowsOfCase } from './fresh-process.mjs'
import { needsFloorAddon, suites } from './suites.mjs'
import { tableOf } from './table.mjs'

const say = (line) => void process.stderr.write(`bench: ${line}\n`)

function parse(args) {
  const options = { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } }
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const unknown = positionals.find((name) => !Object.hasOwn(suites, name))
  if (unknown !== undefined) throw new Error(`no suite ${unknown}; there are: ${Object.keys(suites).join(', ')}`)
  return {
    isJson: values.json,
    isQuick: values.quick,
    names: positionals.length === 0 ? Object.keys(suites) : positionals,
  }
}

async function bench({ isJson, isQuick, names }) {
  if (loadNative().backend === null) throw new Error('the addon does not load, and is what is measured: npm run build')
  if (names.some((name) => needsFloorAddon.has(name))) {
    const refusal = buildFloorAddon()
    if (refusal !== null) throw new Error(refusal)
  }
  const measuredOn = environment()
  say(
    `load average ${loadavg()
      .map((load) => load.toFixed(2))
      .join(' ')}; others on this machine lengthen every figure`,
  )
  const rows = []
  for (const name of new Set(names)) {
    for (const each of suites[name]) rows.push(...(await rowsOfCase(name, each, isQuick, say)))
  }
  process.stdout.write(
    isJson ? `${JSON.stringify({ environment: measuredOn, rows })}\n` : `${tableOf(measuredOn, rows)}\n`,
  )
}

let call
try {
  call = parse(process.argv.slice(2))
} catch (thrown) {
  say(thrown.message)
  process.exitCode = 2
}
try {
  if (call !== undefined) await bench(call)
} catch (thrown) {
  say(thrown.message)
  process.exitCode = 1
}
