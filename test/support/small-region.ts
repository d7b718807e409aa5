/** A small region for tests of what goes wrong: two types, four positions, a thousand of capital. */
import { afterEach, expect } from 'vitest'
import { SignalboxError } from '../../src/base/errors.ts'
import type { BackendName } from '../../src/region/backend/backend.ts'
import { Region } from '../../src/region/region.ts'
import type { RegionSchema } from '../../src/region/schema.ts'

export const hot = { name: 'hot', head: ['version'], fields: ['last', 'mark'], rows: ['BTC', 'ETH'] } as const
export const schema = {
  snapshots: [hot],
  events: { types: ['CASCADE', 'HUNT'], fields: ['score', 'detectedAtNs'], capacity: 64 },
  positionsMax: 4,
  participantsMax: 8,
} satisfies RegionSchema
export const limits = {
  capitalMinor: 1_000,
  maxOpenPositions: 4,
  maxPositionsPerSymbol: 4,
  interlock: null,
  pots: null,
}

/** Makes such regions; what is in `open` is closed behind the test. */
export function regionsOn(backend: BackendName): { readonly made: () => Region; readonly open: Region[] } {
  const open: Region[] = []
  afterEach(() => {
    for (const region of open.splice(0)) region.close()
  })
  const made = (): Region => {
    const region: Region = Region.create(schema, { backend })
    region.reservations.setLimits(limits)
    open.push(region)
    return region
  }
  return { made, open }
}

/** Expects an error with a code of ours, and not one byte changed. */
export function expectRefused(region: Region, call: () => unknown, code = 'ERR_INVALID_ARGUMENT'): void {
  const before = Buffer.from(new Uint8Array(region.descriptor.bytes))
  let thrown: unknown
  try {
    call()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(SignalboxError)
  expect((thrown as SignalboxError).code).toBe(code)
  expect(before.equals(new Uint8Array(region.descriptor.bytes))).toBe(true)
}
