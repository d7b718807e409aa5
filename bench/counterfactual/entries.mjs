/**
 * Made-up counterfactual entries from one seed, as our own writer writes them (canonical key order, no spaces): two to eight candidates
 * each, five on average, one in ten unfinished, numbers of up to 12 significant digits. Rotations of 256 MB.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '../../dist/base/random.js'

const types = ['LIQUIDATION_CASCADE', 'FAILED_HUNT', 'FUNDING_SNAPBACK', 'INVENTORY_DISTRIBUTION']
const symbols = ['BTC', 'ETH', 'SOL', 'AVAX', 'DOGE']
const regimes = ['expansion', 'contraction', 'trend', 'sideways']
const exits = ['target_hit', 'stop_hit', 'event_completed', 'invalidated', 'time_stop']
const weights = '"weights":{"priority_score":0.4,"freshness":0.3,"regime_alignment":0.2,"expected_value":0.1}'
const firstSeconds = 1_781_600_000
const rotateBytes = 256 * 1024 * 1024
const linesPerWrite = 512

/** Writes `count` entries into the folder. @returns Bytes written. */
export function writeEntries(folder, count, seed = 7) {
  const random = new Random(seed)
  let rotation = 0
  let descriptor = null
  let inFile = 0
  let bytes = 0
  for (let done = 0; done < count; done += linesPerWrite) {
    let text = ''
    for (let entry = done; entry < Math.min(count, done + linesPerWrite); entry++) text += `${lineOf(entry, random)}\n`
    if (descriptor === null || inFile >= rotateBytes) {
      if (descriptor !== null) closeSync(descriptor)
      rotation += 1
      inFile = 0
      descriptor = openSync(join(folder, `counterfactuals-${String(rotation).padStart(6, '0')}.ndjson`), 'w')
    }
    const written = writeSync(descriptor, text)
    inFile += written
    bytes += written
  }
  if (descriptor !== null) closeSync(descriptor)
  return bytes
}

function lineOf(entry, random) {
  const seconds = firstSeconds + entry * 7
  const candidates = 2 + (random.uint32() % 7)
  const isUnfinished = random.uint32() % 10 === 0
  const selectedPnl = moneyOf(random)
  const rejected = []
  let total = 0
  let best = Number.NEGATIVE_INFINITY
  for (let candidate = 1; candidate < candidates; candidate++) {
    const pnl = moneyOf(random)
    const cost = Math.round((pnl - selectedPnl) * 100) / 100
    const priority = fractionOf(random)
    const exit = exits[random.uint32() % exits.length]
    const isAdmissible = random.uint32() % 8 !== 0
    const filtered = isUnfinished
      ? '"unfinished"'
      : !isAdmissible
        ? '"inadmissible"'
        : exit === 'invalidated'
          ? '"invalidated"'
          : priority < 0.5
            ? '"low_priority"'
            : 'null'
    if (filtered === 'null') {
      total += Math.max(0, cost)
      best = Math.max(best, cost)
    }
    const reason = isAdmissible ? 'lower_score' : 'interlocked'
    rejected.push(
      `{${candidateOf(entry, candidate, seconds, priority, random)},"reason":"${reason}","admissible":${isAdmissible},"hypothetical_outcome":${outcomeOf(pnl, exit, random)},"opportunity_cost":${isUnfinished ? 'null' : cost},"filtered":${filtered}}`,
    )
  }
  const selected = `{${candidateOf(entry, 0, seconds, fractionOf(random), random)},"outcome":${isUnfinished ? 'null' : outcomeOf(selectedPnl, exits[entry % 5], random)}}`
  const id = `arb_20260617_${String(entry % 1_000_000).padStart(6, '0')}_${String(entry + 1).padStart(6, '0')}`
  const money = Math.round(total * 100) / 100
  return `{"arbitration_id":"${id}","timestamp":${seconds}123456789,"selection_reason":"highest_score","regime":"${regimes[entry % 4]}","weights_version":1,${weights},"selected":[${selected}],"rejected":[${rejected.join(',')}],"analysis":{"selected_better":${best <= 0},"best_alternative":null,"total_opportunity_cost":${money},"regret":${Math.max(0, best)}}}`
}

function candidateOf(entry, candidate, seconds, priority, random) {
  const [fresh, regime, ev] = [fractionOf(random), fractionOf(random), fractionOf(random)]
  const components = [priority * 0.4, fresh * 0.3, regime * 0.2, ev * 0.1].map((value) => Number(value.toPrecision(12)))
  const score = Number(components.reduce((sum, value) => sum + value, 0).toPrecision(12))
  const [first, second, third, last] = components
  return `"event_id":"cascade_${symbols[candidate % 5]}_${entry}_${candidate}","event_type":"${types[candidate % 4]}","symbol":"${symbols[candidate % 5]}","tier":${1 + (candidate % 4)},"detected_at_ns":${seconds - 1 - (random.uint32() % 60)}${String(random.uint32() % 1e9).padStart(9, '0')},"score":${score},"age_bonus":0,"components":{"priority_score":${first},"freshness":${second},"regime":${third},"ev":${last}},"raw":{"priority_score":${priority},"freshness":${fresh},"regime_alignment":${regime},"expected_value":${ev}}`
}

function outcomeOf(pnl, exit, random) {
  const entryPrice = 1_000 + (random.uint32() % 100_000) / 100
  return `{"entry_price":${entryPrice},"exit_price":${Number((entryPrice + pnl / 10).toFixed(2))},"pnl":${pnl},"hold_time_ms":${random.uint32() % 90_000},"exit_reason":"${exit}"}`
}

/** Units, two decimals, −300 … 300. */
function moneyOf(random) {
  return ((random.uint32() % 60_001) - 30_000) / 100
}

/** 12 decimals at most. */
function fractionOf(random) {
  return Number(random.fraction().toFixed(12))
}
