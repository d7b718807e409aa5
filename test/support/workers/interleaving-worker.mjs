/**
 * Plays plays of interleaved-plays.mjs on two copies of the js backend, each once for every step of the first one's operation: there
 * the other's calls come in, all of them. A step is an access of `Atomics`, which is all that the backend does to shared memory, so
 * every order in which the one is interrupted once is played, and no luck is in it. Posts each order's history and what broke.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { plays } from '../interleaved-plays.mjs'

const { folders, titles } = workerData
const load = (folder, file) => import(pathToFileURL(join(folder, file)).href)
const cores = await Promise.all(folders.map((folder) => load(folder, 'region/region.js')))
const { slotStateNames } = await load(folders[0], 'domain/reservation.js')
const { encodeId, hashId, idBytes } = await load(folders[0], 'region/backend/js/event-id.js')

const capacity = 64
const ring = { name: 'ring', head: ['h'], fields: ['f', 'g', 'h'], rows: ['a'], slots: 4 }
const schema = {
  snapshots: [ring],
  events: { types: ['A'], fields: ['stamp', 'check'], capacity },
  positionsMax: 8,
  participantsMax: 2,
}

/** The first three in one bucket, and no other in it, if the buckets are 64 to 1,024. */
const ids = (() => {
  const bucketOf = (id) => hashId(idBytes, encodeId(id)) & 1_023
  const all = Array.from({ length: 10_000 }, (_, number) => `event ${number}`)
  const shared = bucketOf(all[0])
  const isShared = (id) => (bucketOf(id) & 63) === (shared & 63)
  return [...all.filter((id) => bucketOf(id) === shared).slice(0, 3), ...all.filter((id) => !isShared(id)).slice(0, 80)]
})()

// Who comes in, and after how many more steps of the one who runs; null: nobody (any more).
let visitor = null
let stepsLeft = 0
let stepsTaken = 0
const stepsMax = 100_000
const endless = new Error('an operation does not end although nobody is in its way')
for (const name of ['load', 'store', 'compareExchange', 'and', 'or', 'add']) {
  const access = Atomics[name]
  Atomics[name] = (...values) => {
    stepsTaken += 1
    if (stepsTaken > stepsMax) throw endless
    if (visitor !== null) {
      if (stepsLeft === 0) {
        const comesIn = visitor
        visitor = null
        comesIn()
      }
      stepsLeft -= 1
    }
    return access(...values)
  }
}

const interleavings = []
let calls = []
let faults = []
let moment = 0
function call(thread, name, values, operation) {
  const begin = ++moment
  const result = operation()
  calls.push({ thread, begin, end: ++moment, name, values, result })
  return result
}

/** What a participant does, recorded as the sequential models know it. `handles`: of the events to reserve. */
function participant(region, thread, handles) {
  const { events, reservations } = region
  const answerOf = (result) => (result.ok ? 'ok' : result.refusal)
  // A record that is none of those that were registered has a stamp that nobody gave.
  const found = (isFound) =>
    isFound ? [events.handle, events.lifecycle, events.record[1] === -events.record[0] ? events.record[0] : -1] : null
  const record = (name, values, operation) => call(thread, name, values, operation)
  const step = (name) => (token) => record(name, [token], () => answerOf(reservations[name](token)))
  let writer = null
  return {
    register(id) {
      const stamp = 1 + moment
      events.record[0] = stamp
      events.record[1] = -stamp
      return record('register', [id, stamp], () => {
        const result = events.register(ids[id], 0, id)
        return [result.ok, result.handle ?? -1]
      })[1]
    },
    get: (id, handle) => record('get', [id, handle], () => found(events.get(handle))),
    getById: (id) => record('getById', [id], () => found(events.getById(ids[id]))),
    expectIdOf(handle, id) {
      const read = events.idOf(handle)
      if (read !== null && read !== ids[id]) faults.push(`the id of another event: ${read}`)
    },
    retire: (id, handle) => record('retire', [id, handle], () => events.retire(handle)),
    transition: (id, handle, to) =>
      record('transition', [id, handle, to], () => {
        const result = events.transition(handle, to)
        return result.ok ? ['ok', result.from] : result.refusal === 'GONE' ? ['GONE'] : ['ILLEGAL', result.from]
      }),
    /** `wanted`: event, capital, event, capital, … @returns The tokens. */
    reserve(wanted, leaseUntilNs = 1e15) {
      const requests = []
      for (let at = 0; at < wanted.length; at += 2) {
        requests.push({ handle: handles[wanted[at]], capitalMinor: wanted[at + 1], leaseUntilNs })
      }
      const values = requests.flatMap(({ handle, capitalMinor }) => [handle, capitalMinor])
      const answer = record('reserve', values, () => {
        const result = reservations.reserveAll(requests)
        return result.ok ? ['ok', ...result.tokens] : [result.refusal, result.index]
      })
      return answer.slice(1)
    },
    submit: step('submit'),
    release: (token, settled = false) =>
      record('release', [token, settled ? 1 : 0, 0], () => answerOf(reservations.release(token, settled, 0))),
    account: () =>
      record('account', [], () => {
        const { capitalMinor, positions } = reservations.account()
        const rows = positions.map((slot) => [slot.token, slot.handle, slot.capitalMinor, slotStateNames[slot.state]])
        return [capitalMinor, ...rows]
      }),
    expectRecovered(nowNs, expected) {
      const count = reservations.recover(nowNs)
      if (count !== expected) faults.push(`${count} leases ended where ${expected} were over`)
    },
    expectReservedAs(handle, symbol) {
      if (!reservations.reserve({ handle, capitalMinor: 1, leaseUntilNs: 1e15 }).ok) return
      const { symbolIndex } = reservations.positions()[0]
      if (symbolIndex !== symbol) faults.push(`an event of symbol ${symbol} was reserved under ${symbolIndex}`)
    },
    claimRing() {
      try {
        writer = region.claimWriter(ring)
      } catch {
        // Somebody holds it.
      }
    },
    isWriter: () => writer !== null,
    expect(holds, text) {
      if (!holds) faults.push(text)
    },
    publish(count) {
      writer ??= region.claimWriter(ring)
      for (let published = 0; published < count; published += 1) {
        const version = 1 + moment++
        writer.head.fill(version)
        for (const row of writer.rows) row.fill(version)
        writer.publish()
      }
    },
    readRing() {
      const reader = region.reader(ring)
      if (reader.read() <= 0) return
      const words = [...reader.head, ...reader.rows.flatMap((row) => [...row])]
      if (words.some((word) => word !== words[0])) faults.push(`a read is torn: ${words.join()}`)
    },
  }
}

/** @returns Whether the other came in: false after the last step. */
function playWith(title, steps) {
  const first = cores[0].Region.create(schema, { backend: 'js' })
  const second = cores[1].Region.attach(first.descriptor, { backend: 'js' })
  const limits = { maxOpenPositions: 3, maxPositionsPerSymbol: 1, interlock: null, pots: null }
  first.reservations.setLimits({ ...limits, capitalMinor: 100 })
  const { play, judge, reservable = 0 } = plays[title]
  const handles = []
  while (handles.length < reservable) handles.push(first.events.register(ids[handles.length], 0, handles.length).handle)
  calls = []
  faults = []
  moment = stepsTaken = 0
  const {
    first: operation,
    meanwhile,
    after,
  } = play(participant(first, 0, handles), participant(second, 1, handles), capacity)
  visitor = meanwhile
  stepsLeft = steps
  let hasComeIn = true
  try {
    operation()
    hasComeIn = visitor === null
    visitor = null
    after?.()
  } catch (thrown) {
    if (thrown !== endless) throw thrown
    visitor = null
    faults.push(thrown.message)
  }
  interleavings.push({ title, judge, calls, faults })
  stepsTaken = 0
  second.close()
  first.close()
  return hasComeIn
}

for (const title of titles) for (let steps = 0; playWith(title, steps); steps += 1);
parentPort.postMessage(interleavings)
