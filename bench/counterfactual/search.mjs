/**
 * The weight search on one core: a million arbitrations of five candidates at the 76 points of the grid, and ten thousand at the 176,851 of
 * the simplex. What is timed is the whole search, pnl in whole units and the current weights' total included; entries are read already. At
 * `random` every component is drawn by itself, and two candidates on average may win somewhere in the grid; `crossing` is made to be slow: age bonuses put all
 * five within two hundredths of each other in the middle of the lattice, so that nearly all win somewhere.
 */
import { Random } from '../../dist/base/random.js'
import { gridLattice, simplexLattice } from '../../dist/learn/tuning/weight-lattice.js'
import { searchWeights } from '../../dist/learn/tuning/weight-search.js'
import { percentilesOf } from '../statistics.mjs'

const current = { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 }
const candidates = 5
const readings = 5
const bytesPerMb = 1e6
const secondsMax = 1
const rssMbMax = 1_000
/** How much longer the whole may take than twice its half: what noise alone makes of it on a shared machine. */
const linearWithin = 1.15

const searches = {
  grid: { full: 1_000_000, quick: 50_000, lattice: gridLattice, middle: [0.4, 0.275, 0.175, 0.15] },
  simplex: { full: 10_000, quick: 100, lattice: simplexLattice(1), middle: [0.25, 0.25, 0.25, 0.25] },
}

const nothing = { p50: null, p99: null, p999: null, max: null, throughput_per_s: null, floor: null, ratio: null }

/** @param argument - `grid` or `simplex`, and what the candidates are: `grid random`. */
export function measure(argument, isQuick) {
  const [space, kind] = argument.split(' ')
  const { lattice, middle, ...counts } = searches[space]
  const count = counts[isQuick ? 'quick' : 'full']
  const set = madeUpSet(count, kind === 'crossing' ? middle : null)
  const size = lattice.size.toLocaleString('en-US')
  const name =
    space === 'grid'
      ? `weight search, ${millionsText(count)} × ${candidates} × ${size}`
      : `simplex, ${size} points × ${count.toLocaleString('en-US')} arbitrations`
  const labelled = kind === 'random' ? name : `${name}, ${kind}`
  const row = { ...nothing, unit: 's', samples: space === 'grid' ? readings : 1, bars: [] }
  const half = partOf(set, count >> 1)
  if (space === 'simplex') {
    // The first tenth warms the code up.
    timed(partOf(set, Math.ceil(count / 10)), lattice)
    const { seconds, cpuSeconds } = timed(set, lattice)
    return [
      { ...row, name: labelled, p50: seconds, max: seconds, throughput_per_s: count / seconds },
      { ...row, name: `${labelled}, by CPU time`, p50: cpuSeconds, max: cpuSeconds },
    ]
  }
  timed(set, lattice)
  const all = { seconds: [], cpuSeconds: [], halves: [] }
  for (let reading = 0; reading < readings; reading++) {
    const whole = timed(set, lattice)
    all.seconds.push(whole.seconds)
    all.cpuSeconds.push(whole.cpuSeconds)
    all.halves.push(timed(half, lattice).cpuSeconds)
  }
  const [wall, cpu, halves] = [all.seconds, all.cpuSeconds, all.halves].map((each) =>
    percentilesOf(Float64Array.from(each)),
  )
  const bar = { of: 'p50', atMost: secondsMax, text: `p50 ≤ ${secondsMax} s on one core` }
  const timeRows = [
    {
      ...row,
      name: labelled,
      p50: wall.p50,
      max: wall.max,
      throughput_per_s: count / wall.p50,
      bars: kind === 'random' ? [bar] : [],
    },
    { ...row, name: `${labelled}, by CPU time`, p50: cpu.p50, max: cpu.max },
  ]
  if (kind !== 'random') return timeRows
  const linear = { of: 'ratio', atMost: linearWithin, text: `≤ ${linearWithin} ×: linear` }
  const rssMb = (process.resourceUsage().maxRSS * 1_024) / bytesPerMb
  const rssBar = { of: 'max', atMost: rssMbMax, text: `max ≤ ${rssMbMax.toLocaleString('en-US')} MB` }
  return [
    ...timeRows,
    {
      ...row,
      name: `${labelled}: whole to half`,
      unit: 'ns',
      p50: (cpu.p50 * 1e9) / count,
      floor: { name: 'an arbitration of its first half', value: (halves.p50 * 1e9) / half.count },
      ratio: cpu.p50 / count / (halves.p50 / half.count),
      bars: [linear],
    },
    { ...row, name: `${labelled}, peak RSS`, unit: 'MB', samples: 1, p50: rssMb, max: rssMb, bars: [rssBar] },
  ]
}

const millionsText = (count) => (count >= 1e6 ? `${count / 1e6} M` : count.toLocaleString('en-US'))

/** Of views of its own: what was worked out for the same columns before is not known. */
function timed(set, lattice) {
  const fresh = partOf(set, set.count)
  const beganMs = performance.now()
  const beganCpu = process.cpuUsage()
  const { combinations } = searchWeights(fresh, lattice, current)
  const { user, system } = process.cpuUsage(beganCpu)
  const seconds = (performance.now() - beganMs) / 1_000
  if (combinations !== lattice.size) throw new Error(`${combinations} of ${lattice.size} points were searched`)
  return { seconds, cpuSeconds: (user + system) / 1e6 }
}

function partOf(set, count) {
  const rows = set.first[count]
  return {
    ...set,
    count,
    first: set.first.subarray(0, count + 1),
    raw: set.raw.map((column) => column.subarray(0, rows)),
    ageBonus: set.ageBonus.subarray(0, rows),
    pnl: set.pnl.subarray(0, rows),
  }
}

/** @param middle - Weights at which all candidates of an arbitration score nearly the same; null: no age bonuses. */
function madeUpSet(count, middle, seed = 7) {
  const random = new Random(seed)
  const rows = count * candidates
  const raw = [0, 1, 2, 3].map(() => new Float64Array(rows))
  const [ageBonus, pnl] = [new Float64Array(rows), new Float64Array(rows)]
  for (let row = 0; row < rows; row++) {
    let score = 0
    for (let component = 0; component < 4; component++) {
      const value = random.fraction()
      raw[component][row] = value
      score += (middle?.[component] ?? 0) * value
    }
    if (middle !== null) ageBonus[row] = 1 - score + (random.fraction() - 0.5) / 50
    pnl[row] = ((random.uint32() % 60_001) - 30_000) / 100
  }
  return { count, first: Int32Array.from({ length: count + 1 }, (_, index) => index * candidates), raw, ageBonus, pnl }
}
