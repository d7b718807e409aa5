/** What the region's cases share: snapshots of a given size, and regions filled with events. */
import { Random } from '../../dist/base/random.js'
import { eventRecordFields } from '../../dist/domain/event-record.js'
import { Region } from '../../dist/region/region.js'

const seed = 4_096
const types = ['LIQUIDATION_CASCADE', 'FAILED_HUNT', 'FUNDING_SNAPBACK', 'INVENTORY_DISTRIBUTION']
const doubleBytes = 8
const fields = Array.from({ length: 8 }, (_, at) => `field${at}`)

/** A snapshot of so many bytes: a head of one line, then rows of eight numbers. */
export function snapshotOf(bytes) {
  const rows = Array.from({ length: bytes / doubleBytes / fields.length - 1 }, (_, at) => `row${at}`)
  return { name: 'state', head: ['version'], fields, rows }
}

export function createRegion({ backend = 'native', snapshots = [], positionsMax = 64 } = {}) {
  return Region.create({ snapshots, events: { types, fields: eventRecordFields }, positionsMax }, { backend })
}

export function idOf(index) {
  return `cascade_BTC_${1_737_442_838_000 + index}`
}

/** Registers so many events. @returns Their ids and handles, in one order. */
export function registerMany(region, count) {
  const ids = Array.from({ length: count }, (_, index) => idOf(index))
  const handles = ids.map((id, index) => {
    region.events.record.fill(index)
    return region.events.register(id, index % types.length, index % 5).handle
  })
  return { ids, handles }
}

/** 4,096 lookups of `values`, each equally often, in a seeded order. */
export function lookupsOf(values) {
  const random = new Random(seed)
  const lookups = Array.from({ length: 4_096 }, (_, at) => values[at % values.length])
  for (let at = lookups.length - 1; at > 0; at--) {
    const other = random.integer(0, at)
    const moved = lookups[at]
    lookups[at] = lookups[other]
    lookups[other] = moved
  }
  return lookups
}
