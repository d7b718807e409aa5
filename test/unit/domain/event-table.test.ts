/** What a stage that takes the place of another finds in the table. */
import { expect, it } from 'vitest'
import { lifecycle, type MarketEvent } from '../../../src/domain/event.ts'
import { eventRecordFields, writeEventRecord } from '../../../src/domain/event-record.ts'
import { eventsInTable } from '../../../src/domain/event-table.ts'
import { Region } from '../../../src/region/region.ts'

const types = ['LIQUIDATION_CASCADE', 'FAILED_HUNT']
const symbols = ['BTC', 'ETH']

const event: MarketEvent = {
  ...{ eventId: 'hunt_ETH_1', eventType: 'FAILED_HUNT', typeIndex: 1, symbol: 'ETH', symbolIndex: 1, side: 'short' },
  ...{ detectedAtNs: 5, waitingSinceNs: 6, expiresAtNs: 7, priorityScore: 0.25, regime: 'trend', regimeAlignment: 0.5 },
  ...{ rewardRisk: 2, winRate: 0.75, expectedValue: 0.125, capitalRequiredMinor: 300 },
  ...{ referenceTicks: 1_000, targetTicks: 900, stopTicks: 1_050, evidence: { seen: 1 } },
}

it.each(['native', 'js'] as const)(
  '%s: everything that is registered comes back but its evidence, ended events too; retired ones do not',
  (backend) => {
    const region = Region.create({ snapshots: [], events: { types, fields: eventRecordFields } }, { backend })
    writeEventRecord(region.events.record, event)
    const registered = region.events.register(event.eventId, event.typeIndex, event.symbolIndex)
    if (!registered.ok) throw new Error(registered.refusal)
    const { handle } = registered
    const entry = { event: { ...event, evidence: {} }, handle }
    expect(eventsInTable(region.events, types, symbols)).toEqual([{ ...entry, lifecycle: lifecycle.TRIGGERED }])
    region.events.transition(handle, lifecycle.INVALIDATED)
    expect(eventsInTable(region.events, types, symbols)).toEqual([{ ...entry, lifecycle: lifecycle.INVALIDATED }])
    region.events.retire(handle)
    expect(eventsInTable(region.events, types, symbols)).toEqual([])
    region.close()
  },
)
