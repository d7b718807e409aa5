/**
 * Calls that fail or are closed halfway through, on both backends: what was begun leaves no trace, and no participant stays taken.
 */
import { describe, expect, it } from 'vitest'
import { SignalboxError } from '../../src/base/errors.ts'
import { Region } from '../../src/region/region.ts'
import type { RegionSchema } from '../../src/region/schema.ts'
import { expectRefused, hot, limits, regionsOn, schema } from '../support/small-region.ts'

describe.each(['native', 'js'] as const)('halfway on %s', (backend) => {
  const { made, open } = regionsOn(backend)

  it('halfway: a release that would take the capital beyond 2^53 is refused by its field, and no byte is changed', () => {
    const region = made()
    const { events, reservations } = region
    reservations.setLimits({ ...limits, capitalMinor: Number.MAX_SAFE_INTEGER })
    const { handle } = events.register('x', 0, 0) as { handle: number }
    const { token } = reservations.reserve({ handle, capitalMinor: 5, leaseUntilNs: 1 }) as { token: number }
    reservations.submit(token)
    for (const change of [1, 4, Number.MAX_SAFE_INTEGER]) {
      expectRefused(region, () => reservations.release(token, true, change))
      expect(() => reservations.release(token, true, change)).toThrow(
        expect.objectContaining({ field: 'capitalChangeMinor', value: change }),
      )
    }
    expect(reservations.account()).toMatchObject({ capitalMinor: Number.MAX_SAFE_INTEGER, positions: [{ token }] })
    expect(reservations.release(token, true, -Number.MAX_SAFE_INTEGER)).toEqual({ ok: true })
    expect(reservations.capitalMinor()).toBe(0)
    // And below, where there is none to be lost.
    reservations.setLimits({ ...limits, capitalMinor: 1 })
    const next = events.register('y', 0, 0) as { handle: number }
    const held = reservations.reserve({ handle: next.handle, capitalMinor: 1, leaseUntilNs: 1 }) as { token: number }
    reservations.setLimits({ ...limits, capitalMinor: -1 })
    expectRefused(region, () => reservations.release(held.token, false, -Number.MAX_SAFE_INTEGER))
    expect(reservations.release(held.token, false, 1 - Number.MAX_SAFE_INTEGER)).toEqual({ ok: true })
    expect(reservations.capitalMinor()).toBe(-Number.MAX_SAFE_INTEGER)
  })

  it('halfway: attaching under another schema fails, however often, and leaves no participant taken', () => {
    const region = made()
    const big = { ...hot, fields: Array.from({ length: 40 }, (_, index) => `field ${index}`) }
    const others: readonly RegionSchema[] = [
      { ...schema, snapshots: [] },
      { ...schema, snapshots: [{ ...hot, fields: ['last'] }] },
      { ...schema, snapshots: [big] },
      { ...schema, events: { ...schema.events, types: ['OTHER'] } },
      { ...schema, events: { ...schema.events, fields: ['score'] } },
      { ...schema, events: { ...schema.events, capacity: 128 } },
      { ...schema, positionsMax: 200 },
    ]
    for (const other of others) {
      for (let round = 0; round < 2 * schema.participantsMax; round += 1) {
        let thrown: unknown
        try {
          Region.attach({ bytes: region.descriptor.bytes, schema: other }, { backend })
        } catch (error) {
          thrown = error
        }
        expect(thrown).toBeInstanceOf(SignalboxError)
        expect(['ERR_FOREIGN_REGION', 'ERR_INVALID_ARGUMENT']).toContain((thrown as SignalboxError).code)
      }
    }
    for (let more = 1; more < schema.participantsMax; more += 1) {
      open.push(Region.attach(region.descriptor, { backend }))
    }
  })

  it('halfway: a getter that closes the region in the midst of a call ends the call, and what was closed writes nothing', () => {
    const others = made()
    const { handle } = others.events.register('x', 0, 0) as { handle: number }
    const request = { handle, capitalMinor: 1, leaseUntilNs: 1 }
    /** The bytes as the closing left them, with another in the number that has become free. */
    let left = Buffer.alloc(0)
    const closing = <Value>(region: Region, value: Value): Value => {
      region.close()
      open.push(Region.attach(others.descriptor, { backend }))
      left = Buffer.from(new Uint8Array(others.descriptor.bytes))
      return value
    }
    const calls: readonly ((region: Region) => unknown)[] = [
      (region) =>
        region.reservations.reserve({
          ...request,
          get handle() {
            return closing(region, handle)
          },
        }),
      (region) =>
        region.reservations.reserveAll([
          {
            ...request,
            get leaseUntilNs() {
              return closing(region, 1)
            },
          },
        ]),
      (region) =>
        region.reservations.setLimits({
          ...limits,
          get capitalMinor() {
            return closing(region, 9)
          },
        }),
      (region) =>
        region.reservations.setLimits({
          ...limits,
          get interlock() {
            return closing(region, null)
          },
        }),
    ]
    for (const call of calls) {
      const region = Region.attach(others.descriptor, { backend })
      expect(() => call(region)).toThrow(expect.objectContaining({ name: 'SignalboxError', code: 'ERR_CLOSED' }))
      expect(left.equals(new Uint8Array(others.descriptor.bytes))).toBe(true)
      open.pop()!.close()
    }
    expect(others.reservations.account()).toEqual({ capitalMinor: 1_000, positions: [] })
  })
})
