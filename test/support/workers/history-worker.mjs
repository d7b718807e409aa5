/**
 * One thread of a recorded history: does random operations on a region, round by round, and notes when each began and ended and
 * what it came to. `registry`: on few ids; `ledger`: on events that the main thread registered. A fault may be put in:
 * `noCompareAndSwap` takes the atomicity out of the js backend's compare-and-swap; `lateLiveBit` sets a live bit only when its event
 * can be found already.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Random } from '../../../dist/base/random.js'
import { slotStateNames } from '../../../dist/domain/reservation.js'
import { bitmapWords, eventLiveOffset, layout } from '../../../dist/region/layout.js'
import { Region } from '../../../dist/region/region.js'

const {
  descriptor,
  backend,
  job,
  seed,
  thread,
  threads,
  rounds,
  callsPerRound,
  gate: gateMemory,
  handles: handleMemory,
  fault,
} = workerData
const gate = new Int32Array(gateMemory)
const handles = new Float64Array(handleMemory)
const random = new Random(seed)
const clock = process.hrtime.bigint
const beganNs = workerData.beganNs
const typeCount = 3
const capacity = 64

if (fault === 'noCompareAndSwap') {
  let asked = 0
  Atomics.compareExchange = (words, at, expected, replacement) => {
    const found = words[at]
    // Now and then the core is given up in between: another thread comes in also where all share one.
    asked += 1
    if (asked % 16 === 0) Atomics.wait(gate, 1, Atomics.load(gate, 1), 1)
    if (found === expected) words[at] = replacement
    return found
  }
}

if (fault === 'lateLiveBit') {
  const { or, compareExchange } = Atomics
  let late = null
  let swaps = 0
  const setLate = () => {
    if (late !== null) or(...late)
    late = null
  }
  Atomics.or = (words, at, bits) => {
    const from = Number(words[layout.headerEventsOffset]) + eventLiveOffset(capacity)
    const isLiveBit = at >= from && at < from + typeCount * bitmapWords(capacity)
    if (!isLiveBit) return or(words, at, bits)
    setLate()
    late = [words, at, bits]
    swaps = 0
    return Atomics.load(words, at)
  }
  // A register's two after its bit: the insertion, and what makes the event live.
  Atomics.compareExchange = (...values) => {
    const found = compareExchange(...values)
    swaps += 1
    if (late !== null && swaps === 2) {
      if (random.integer(0, 3) === 0) Atomics.wait(gate, 1, Atomics.load(gate, 1), 1)
      setLate()
    }
    return found
  }
}

const region = Region.attach(descriptor, { backend })
const { events, reservations } = region
const idCount = 2
/** Handles and tokens of this round that this thread has seen. */
let known = []
let calls = []

function call(name, values, operation) {
  const begin = Number(clock() - beganNs)
  const outcome = operation()
  const end = Number(clock() - beganNs)
  // Plain values are made afterwards: they are not part of the call.
  calls.push({ thread, begin, end, name, values, result: typeof outcome === 'function' ? outcome() : outcome })
  return calls[calls.length - 1].result
}

const rowWidth = 7
const rows = new Float64Array(rowWidth * capacity)

/** A scan with its rows as numbers, which are copied while it is under way: its views are the next call's. */
function scan(type) {
  let at = 0
  const count = events.scan(type, ({ handle, lifecycle, spent, typeIndex, symbolIndex, record }) => {
    rows[at] = handle
    rows[at + 1] = lifecycle
    rows[at + 2] = spent ? 1 : 0
    rows[at + 3] = typeIndex
    rows[at + 4] = symbolIndex
    rows[at + 5] = record[0]
    rows[at + 6] = record[1]
    at += rowWidth
  })
  return () =>
    Array.from({ length: count }, (_, row) => {
      const [handle, lifecycle, spent, ...rest] = rows.subarray(row * rowWidth, (row + 1) * rowWidth)
      return [handle, lifecycle, spent === 1, ...rest]
    })
}

const found = (isFound) => (isFound ? [events.handle, events.lifecycle, events.record[0]] : null)

function registryCall(round, index) {
  const id = random.integer(0, idCount - 1)
  const name = `round_${round}_id_${id}`
  const seen = known.filter((one) => one.id === id)
  const handle = seen.length === 0 ? 0 : seen[random.integer(0, seen.length - 1)].handle
  const note = (value, of = id) => {
    if (value !== 0 && value !== undefined && !known.some((one) => one.handle === value))
      known.push({ id: of, handle: value })
  }
  switch (random.integer(0, 8)) {
    case 0:
    case 1: {
      const type = random.integer(0, typeCount - 1)
      const stamp = 1 + thread * 1_000_000 + round * 1_000 + index
      events.record[0] = stamp
      events.record[1] = -stamp
      const [, registered] = call('register', [id, stamp, type], () => {
        const result = events.register(name, type, id)
        return () => [result.ok, result.ok ? result.handle : (result.handle ?? -1)]
      })
      note(registered)
      return
    }
    case 2: {
      const one = call('getById', [id], () => found(events.getById(name)))
      note(one?.[0])
      return
    }
    case 3:
      call('get', [id, handle], () => found(events.get(handle)))
      return
    case 4: {
      const to = random.integer(0, 4)
      call('transition', [id, handle, to], () => {
        const result = events.transition(handle, to)
        return () => (result.ok ? ['ok', result.from] : result.refusal === 'GONE' ? ['GONE'] : ['ILLEGAL', result.from])
      })
      return
    }
    case 5:
    case 6: {
      const type = random.integer(-1, typeCount - 1)
      for (const [one, , , , symbol] of call('scan', [type], () => scan(type))) note(one, symbol)
      return
    }
    default:
      call('retire', [id, handle], () => events.retire(handle))
  }
}

const answerOf = (result) => (result.ok ? 'ok' : result.refusal)

function ledgerCall() {
  const token = known.length === 0 ? 1 : known[random.integer(0, known.length - 1)]
  switch (random.integer(0, 8)) {
    case 0:
    case 1:
    case 2: {
      const first = random.integer(0, handles.length - 1)
      const indices = random.integer(0, 2) === 0 ? [first, (first + 1) % handles.length] : [first]
      const requests = indices.map((at) => ({
        handle: handles[at],
        capitalMinor: 20 * random.integer(1, 3),
        leaseUntilNs: 1e15,
      }))
      const values = requests.flatMap(({ handle, capitalMinor }) => [handle, capitalMinor])
      const answer = call('reserve', values, () => {
        const result = reservations.reserveAll(requests)
        return () => (result.ok ? ['ok', ...result.tokens] : [result.refusal, result.index])
      })
      if (answer[0] === 'ok') known.push(...answer.slice(1))
      return
    }
    case 3:
      call('account', [], () => {
        const { capitalMinor, positions } = reservations.account()
        return () => [
          capitalMinor,
          ...positions.map((slot) => [slot.token, slot.handle, slot.capitalMinor, slotStateNames[slot.state]]),
        ]
      })
      for (const [seen] of calls[calls.length - 1].result.slice(1)) if (!known.includes(seen)) known.push(seen)
      return
    case 4:
    case 5:
    case 6: {
      const step = ['submit', 'open', 'close'][random.integer(0, 2)]
      call(step, [token], () => answerOf(reservations[step](token)))
      return
    }
    default: {
      const settled = random.integer(0, 1)
      const change = random.integer(-2, 2)
      call('release', [token, settled, change], () => answerOf(reservations.release(token, settled === 1, change)))
    }
  }
}

for (let round = 0; round < rounds; round += 1) {
  Atomics.add(gate, 1, 1)
  Atomics.notify(gate, 1)
  while (Atomics.load(gate, 0) <= round) Atomics.wait(gate, 0, round, 1_000)
  known = []
  // A woken thread waits for a second one: alone it would be through before another is awake. For all it cannot wait: of two cores.
  Atomics.add(gate, 2, 1)
  while (Atomics.load(gate, 2) < threads * round + 2);
  for (let index = 0; index < callsPerRound; index += 1) {
    if (job === 'registry') registryCall(round, index)
    else ledgerCall()
  }
  parentPort.postMessage({ round, calls })
  calls = []
}
region.close()
