/** What the order stage makes of a claim: it believes nothing but the ledger, and enters what holds as it enters a grant. */
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ClaimDismissal, StrategyClaim } from '../../../../src/domain/claim.ts'
import type { TradePlan } from '../../../../src/domain/order.ts'
import { slotStates } from '../../../../src/domain/reservation.ts'
import { Journal } from '../../../../src/journal/journal.ts'
import { readJournal } from '../../../../src/journal/reader.ts'
import { journalSeries } from '../../../../src/journal/series.ts'
import { Rig, type RigOptions } from '../../../simulation/rig.ts'
import { signalbox } from '../../../support/command.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const type = 'LIQUIDATION_CASCADE'

interface Held {
  readonly rig: Rig
  readonly claim: StrategyClaim
}

/** An event on BTC that this thread has reserved, as a strategy's worker would. */
function held(options: RigOptions = {}, capitalMinor = 500_000): Held {
  const rig = new Rig({ leftToWorkers: [type], ...options })
  onTestFinished(() => rig.close())
  rig.trade(0, 'BTC', 600_000)
  rig.detect({ eventId: 'cascade_BTC_1' })
  rig.trade(1, 'BTC', 600_000)
  const { handle, event } = rig.heardOf('event')[0]!
  const reserved = rig.region.reservations.reserve({ handle, capitalMinor, leaseUntilNs: Number.MAX_SAFE_INTEGER })
  if (!reserved.ok) throw new Error(reserved.refusal)
  const { side, targetTicks, stopTicks } = event
  const plan = { side, targetTicks, stopTicks, sizeFraction: 1, timeStopNs: 60e9 }
  const { participant } = rig.region
  const claim = {
    kind: 'claim',
    strategy: 'mine',
    participant,
    token: reserved.token,
    handle,
    plan,
    atNs: 2e6,
  } as const
  return { rig, claim }
}

function linesOf(folder: string, series: string): unknown[] {
  return [...readJournal(folder, series)].map((read) => (read.kind === 'line' ? read.value : read.message))
}

function accept({ rig }: Held, claim: StrategyClaim): void {
  rig.pipeline.accept(claim, claim.atNs)
}

function dismissals(rig: Rig): ClaimDismissal[] {
  return rig.heardOf('dismissed').map(({ reason }) => reason)
}

describe('order: a claim', () => {
  it('that holds is submitted and filled like a grant, with its strategy’s name and the ledger’s capital', () => {
    const one = held()
    accept(one, one.claim)
    one.rig.trade(1_000, 'BTC', 600_000)
    const [submitted, open] = one.rig.heardOf('position')
    expect([submitted!.to, open!.to]).toEqual(['submitted', 'open'])
    expect(open!.position.grant).toMatchObject({ strategy: 'mine', sequence: 0, member: { capitalMinor: 500_000 } })
    expect(one.rig.order.counters).toMatchObject({ submitted: 1, opened: 1 })
    expect(one.rig.region.reservations.positions()).toMatchObject([{ state: slotStates.OPEN }])
  })

  it('a second time finds no RESERVED slot, and the order that is out stays', () => {
    const one = held()
    accept(one, one.claim)
    accept(one, { ...one.claim, atNs: 3e6 })
    expect(dismissals(one.rig)).toEqual(['unknown_token'])
    expect(one.rig.order.counters.submitted).toBe(1)
  })

  it.each<[string, Partial<StrategyClaim>]>([
    ['a token that nobody has', { token: 12_345 }],
    ['a token that is no number', { token: Number.NaN }],
    ['another event’s handle', { handle: 7 }],
    ['another strategy’s reservation', { participant: 99 }],
  ])('with %s is dismissed, and the slot is not its to free', (_, over) => {
    const one = held()
    accept(one, { ...one.claim, ...over })
    expect(dismissals(one.rig)).toEqual(['unknown_token'])
    expect(one.rig.heardOf('recovered')).toEqual([])
    expect(one.rig.region.reservations.positions()).toHaveLength(1)
  })

  it.each<[string, Partial<TradePlan>]>([
    ['a stop beyond the price', { stopTicks: 700_000 }],
    ['a target that is no number', { targetTicks: Number.NaN }],
    ['no size', { sizeFraction: 0 }],
    ['more than all', { sizeFraction: 1.5 }],
    ['no time stop', { timeStopNs: 0 }],
    ['a side that is none', { side: '7' as 'long' }],
  ])('with a plan of nonsense (%s) is dismissed: the slot is free, the event lives on and unspent', (_, over) => {
    const one = held()
    accept(one, { ...one.claim, plan: { ...one.claim.plan, ...over } })
    expect(dismissals(one.rig)).toEqual(['bad_plan'])
    expect(one.rig.heardOf('dismissed')[0]!.detail).not.toBe('')
    expect(one.rig.region.reservations.positions()).toEqual([])
    expect(one.rig.region.events.get(one.claim.handle)).toBe(true)
    expect(one.rig.region.events.spent).toBe(false)
    expect(one.rig.heardOf('event')).toHaveLength(1)
    expect(one.rig.heardOf('recovered')).toEqual([{ kind: 'recovered', count: 1 }])
  })

  it('while entries are halted is dismissed', () => {
    const one = held()
    one.rig.tradingState = 'HALTED'
    accept(one, one.claim)
    expect(dismissals(one.rig)).toEqual(['halted'])
    expect(one.rig.region.reservations.positions()).toEqual([])
  })

  it('that buys no lot is dismissed with risk_limit', () => {
    const one = held({}, 1)
    accept(one, one.claim)
    expect(dismissals(one.rig)).toEqual(['risk_limit'])
    expect(one.rig.region.reservations.positions()).toEqual([])
  })

  it('that is newer than the end of its event, heard of later from another thread: the position is closed all the same', () => {
    const one = held()
    accept(one, { ...one.claim, atNs: 5e6 })
    const { event, handle } = one.rig.heardOf('event')[0]!
    const end = {
      kind: 'event',
      event,
      handle,
      state: 'COMPLETED',
      cause: 'detector',
      evidence: {},
      atNs: 3e6,
    } as const
    one.rig.order.onBatch([end], 1, () => undefined)
    one.rig.trade(1_000, 'BTC', 600_000)
    one.rig.trade(2_000, 'BTC', 600_000)
    expect(one.rig.heardOf('position').map(({ to }) => to)).toEqual(['submitted', 'open', 'closing', 'closed'])
    expect(one.rig.region.reservations.positions()).toEqual([])
  })

  it('on an event that expired meanwhile is dismissed, and the event’s entry does not stay in the table for ever', () => {
    const one = held()
    const late = 200_000
    one.rig.trade(late, 'BTC', 600_000)
    accept(one, { ...one.claim, atNs: late * 1e6 })
    expect(dismissals(one.rig)).toEqual(['event_over'])
    one.rig.detect({ eventId: 'cascade_ETH_1', symbol: 'ETH', lifeMs: 1 })
    one.rig.trade(late + 1, 'ETH', 100_000)
    one.rig.trade(late + 1_000, 'ETH', 100_000)
    expect(one.rig.region.events.countLive()).toBe(0)
  })
})

it('journal: a strategy’s trade has no arbitration id and its name, and explain says who claimed it', () => {
  const folder = temporaryFolder()
  const journal = Journal.open(folder, { series: journalSeries })
  const one = held({ journal })
  accept(one, one.claim)
  one.rig.trade(1_000, 'BTC', 600_000)
  one.rig.pipeline.stop()
  journal.close()
  expect(linesOf(folder, 'trades')).toMatchObject([
    { event_id: 'cascade_BTC_1', arbitration_id: null, strategy: 'mine' },
  ])
  const explained = signalbox(['explain', folder, 'cascade_BTC_1'])
  expect(explained.stdout).toContain('It was claimed by strategy mine in its worker and traded.')
})

it('journal: so has an entry of it that was never filled', () => {
  const folder = temporaryFolder()
  const journal = Journal.open(folder, { series: journalSeries })
  const one = held({ journal })
  accept(one, one.claim)
  one.rig.pipeline.stop()
  journal.close()
  expect(linesOf(folder, 'refusals')).toMatchObject([{ arbitration_id: null, strategy: 'mine', reason: 'end_of_data' }])
  const explained = signalbox(['explain', folder, 'cascade_BTC_1'])
  expect(explained.stdout).toContain('It was claimed by strategy mine in its worker, and the entry')
})
