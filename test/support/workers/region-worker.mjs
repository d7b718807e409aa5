/**
 * What the concurrency tests run in worker threads: it attaches to the region by its descriptor, meets the others at a
 * barrier and does one job. Plain JavaScript over `dist`: a worker cannot start from a .ts file.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Region } from '../../../dist/region/region.js'

const { descriptor, backend, job, seed, options, shared } = workerData
const gate = new Int32Array(shared.gate)

/** Waits until `parties` have come to the round's barrier. */
function meet(parties, round) {
  const target = parties * (round + 1)
  Atomics.add(gate, 0, 1)
  while (Atomics.load(gate, 0) < target) {}
}

let state = seed >>> 0
function random(below) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 4294967296) * below)
}

const jobs = {
  /** Publishes snapshots whose every word is the version, until told how many. */
  publish() {
    const region = Region.attach(descriptor, { backend })
    const writer = region.claimWriter(descriptor.schema.snapshots[0])
    meet(options.parties, 0)
    for (let version = 1; version <= options.publishes; version += 1) {
      writer.head.fill(version)
      for (const row of writer.rows) row.fill(version)
      writer.publish()
    }
    Atomics.store(gate, 1, 1)
    region.close()
    return { published: options.publishes }
  },

  /** Reads until the writer is done; every word of a read must be its version, and versions never go back. */
  read() {
    const region = Region.attach(descriptor, { backend })
    const reader = region.reader(descriptor.schema.snapshots[0])
    meet(options.parties, 0)
    let torn = 0
    let backwards = 0
    let overruns = 0
    let reads = 0
    let retries = 0
    let last = 0
    while (Atomics.load(gate, 1) === 0) {
      const version = reads % 8 === 7 ? reader.readRow(0) : reader.read()
      reads += 1
      if (version === -1) {
        overruns += 1
        continue
      }
      if (reader.attempts > 1) retries += 1
      if (version === 0) continue
      if (version < last) backwards += 1
      last = version
      const rows = reads % 8 === 0 ? reader.rows.slice(0, 1) : reader.rows
      if (rows.some((row) => row.some((word) => word !== version))) torn += 1
    }
    region.close()
    return { reads, torn, backwards, overruns, retries, last }
  },

  /** A snapshot without a sequence: the harness must see it tear. */
  publishWithoutSequence() {
    const words = new Float64Array(shared.bare)
    meet(options.parties, 0)
    for (let version = 1; version <= options.publishes; version += 1) words.fill(version)
    Atomics.store(gate, 1, 1)
    return {}
  },
  readWithoutSequence() {
    const words = new Float64Array(shared.bare)
    const copy = new Float64Array(words.length)
    meet(options.parties, 0)
    let torn = 0
    while (Atomics.load(gate, 1) === 0) {
      copy.set(words)
      if (copy.some((word) => word !== copy[0])) torn += 1
    }
    return { torn }
  },

  /**
   * Registers, moves and retires events under ids that all workers share, and looks at each other's: a record must belong
   * to its id, whatever happens around it.
   */
  churn() {
    const region = Region.attach(descriptor, { backend })
    const { events } = region
    const wins = new Int32Array(shared.wins)
    const counts = { registered: 0, retired: 0, transitions: 0, foreign: 0, exists: 0, full: 0, scanned: 0 }
    const mine = new Map()
    meet(options.parties, 0)
    for (let round = 0; round < options.rounds; round += 1) {
      const key = random(options.ids)
      const id = `event_${key}`
      const action = random(10)
      if (action < 4) {
        events.record[0] = key
        events.record[1] = key * 1000 + (seed % 1000)
        const result = events.register(id, key % 4, key % 7)
        if (result.ok) {
          // Live ids are unique: nobody may hold the key while we do (REG-1).
          if (Atomics.add(wins, key, 1) !== 0) counts.foreign += 1
          mine.set(key, result.handle)
          counts.registered += 1
        } else if (result.refusal === 'EXISTS') {
          counts.exists += 1
        } else {
          counts.full += 1
        }
      } else if (action < 7 && mine.has(key)) {
        Atomics.sub(wins, key, 1)
        if (!events.retire(mine.get(key))) counts.foreign += 1
        mine.delete(key)
        counts.retired += 1
      } else if (action < 8) {
        if (events.getById(id)) {
          if (events.record[0] !== key || Math.floor(events.record[1] / 1000) !== key) counts.foreign += 1
          if (events.typeIndex !== key % 4 || events.symbolIndex !== key % 7) counts.foreign += 1
          const before = events.lifecycle
          const step = events.transition(events.handle, before + 1)
          if (step.ok) {
            counts.transitions += 1
            if (step.from !== before) counts.foreign += 1
          }
        } else if (mine.has(key)) {
          counts.foreign += 1
        }
      } else if (action < 9) {
        const handle = mine.get(key)
        if (handle !== undefined && (!events.get(handle) || events.record[0] !== key)) counts.foreign += 1
      } else {
        const seen = new Set()
        events.scan(key % 4, (event) => {
          if (event.record[0] % 4 !== key % 4 || event.symbolIndex !== event.record[0] % 7) counts.foreign += 1
          if (seen.has(event.handle)) counts.foreign += 1
          seen.add(event.handle)
        })
        // What this worker holds of the type was live throughout the scan (REG-4).
        for (const [held, handle] of mine) if (held % 4 === key % 4 && !seen.has(handle)) counts.foreign += 1
        counts.scanned += seen.size
      }
    }
    for (const [key, handle] of mine) {
      Atomics.sub(wins, key, 1)
      events.retire(handle)
    }
    region.close()
    return counts
  },

  /** `strategies` attachments of this worker race for each event of each round; a win is taken through to the end. */
  race() {
    const regions = Array.from({ length: options.strategies }, () => Region.attach(descriptor, { backend }))
    const wins = new Int32Array(shared.wins)
    const handles = new Float64Array(shared.handles)
    const refusals = {}
    let faults = 0
    for (let round = 0; round < options.rounds; round += 1) {
      // Two barriers a round: the main thread registers the round's events between them.
      meet(options.parties, 2 * round)
      meet(options.parties, 2 * round + 1)
      for (let index = 0; index < options.perRound; index += 1) {
        const first = random(regions.length)
        for (let offset = 0; offset < regions.length; offset += 1) {
          const { reservations } = regions[(first + offset) % regions.length]
          const result = reservations.reserve({ handle: handles[index], capitalMinor: 100, leaseUntilNs: 1e15 })
          if (!result.ok) {
            refusals[result.refusal] = (refusals[result.refusal] ?? 0) + 1
            continue
          }
          Atomics.add(wins, round * options.perRound + index, 1)
          const steps = [
            reservations.submit(result.token),
            reservations.open(result.token),
            reservations.close(result.token),
            reservations.release(result.token, true, 1),
          ]
          if (steps.some((step) => !step.ok)) faults += 1
        }
      }
    }
    for (const region of regions) region.close()
    return { refusals, faults }
  },

  /** The race with check-then-act in place of the compare-and-swap: the harness must see double winners. */
  raceWithoutCas() {
    const claimed = new Int32Array(shared.bare)
    const wins = new Int32Array(shared.wins)
    for (let index = 0; index < wins.length; index += 1) {
      meet(options.parties, index)
      if (claimed[index] === 0) {
        // The core is given up between check and act: the other thread comes in between also where both share one.
        Atomics.wait(gate, 1, 0, 1)
        claimed[index] = 1
        Atomics.add(wins, index, 1)
      }
    }
    return {}
  },

  /** Records in a histogram without a pause. */
  recordValues() {
    const region = Region.attach(descriptor, { backend })
    const histogram = region.histogram('one')
    meet(options.parties, 0)
    for (let record = 0; record < options.records; record += 1) histogram.record(random(1 << 20))
    Atomics.store(gate, 1, 1)
    region.close()
    return { recorded: options.records }
  },

  /** A count that is written in two halves, with a pause between them: the reader must see it tear. */
  recordInHalves() {
    const count = new Float64Array([options.from])
    const halves = new Uint32Array(count.buffer)
    const shown = new Uint32Array(descriptor.bytes, options.countAt * 8, 2)
    meet(options.parties, 0)
    for (let record = 0; record < options.records; record += 1) {
      count[0] += 1
      shown[0] = halves[0]
      Atomics.wait(gate, 1, 0, 1)
      shown[1] = halves[1]
    }
    Atomics.store(gate, 1, 1)
    return { recorded: options.records }
  },

  /** A second writer beside the one, until that is done: what it read before its pause wipes out what was counted meanwhile. */
  recordBeside() {
    const words = new Float64Array(descriptor.bytes)
    meet(options.parties, 0)
    let recorded = 0
    for (; Atomics.load(gate, 1) === 0; recorded += 1) {
      const seen = words[options.countAt]
      Atomics.wait(gate, 1, 0, 1)
      words[options.countAt] = seen + 1
    }
    return { recorded }
  },

  /** Looks at a histogram until its writer is done: no count but those that were, none after a larger one, and the last one in the end. */
  lookAtHistogram() {
    const region = Region.attach(descriptor, { backend })
    const histogram = region.histogram('one')
    const { from, records } = options
    let last = from
    let looks = 0
    let faults = 0
    meet(options.parties, 0)
    for (let isOver = false; !isOver; looks += 1) {
      isOver = Atomics.load(gate, 1) === 1
      const { count } = histogram
      if (!Number.isInteger(count) || count < last || count > from + records) faults += 1
      last = count
      if (looks % 1_000 !== 0) continue
      const median = histogram.percentile(0.5)
      if (!(median >= 0 && median < 1 << 20)) faults += 1
    }
    region.close()
    return { looks, faults, last }
  },

  /** Claims the writer and registers an event, then ends without closing anything. */
  leaveWithoutClosing() {
    const region = Region.attach(descriptor, { backend })
    region.claimWriter(descriptor.schema.snapshots[0]).publish()
    region.events.record.fill(1)
    const result = region.events.register('left behind', 0, 0)
    region.reservations.reserve({ handle: result.handle, capitalMinor: 100, leaseUntilNs: 1e15 })
    return { participant: region.participant }
  },
}

parentPort.postMessage(jobs[job]())
