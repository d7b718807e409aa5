/** A hundred strategies race for the events of one live engine: what the ledger promises holds at every moment, and an auditor says so. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import type { PipelineMessage } from '../../src/domain/message.ts'
import { slotStates } from '../../src/domain/reservation.ts'
import type { Region } from '../../src/region/region.ts'
import { madeUp, StrategyRun } from '../support/strategy-run.ts'

const capitalMinor = 1_000_000
const positionsMax = 3

/** Keeps books of its own from what the stages say, and holds the ledger against them and against the limits. */
class RaceAuditor {
  readonly entered = new Map<string, string | undefined>()
  readonly #tokens = new Map<number, number>()
  #capitalMinor = capitalMinor

  hear(message: PipelineMessage): void {
    if (message.kind === 'position' && message.to === 'submitted') {
      const { token, member, strategy } = message.position.grant
      this.#demand(!this.entered.has(member.event.eventId), `${member.event.eventId} is entered twice`)
      this.entered.set(member.event.eventId, strategy)
      this.#demand(!this.#tokens.has(token), `token ${token} is used twice`)
      this.#tokens.set(token, member.capitalMinor)
    }
    if (message.kind === 'settled') {
      this.#tokens.delete(message.position.grant.token)
      this.#capitalMinor += message.outcome?.pnlMinor ?? 0
    }
  }

  /** At any moment: others may reserve while it looks, and what it sees is one instant. */
  check(region: Region): void {
    const account = region.reservations.account()
    this.#demand(
      account.capitalMinor === this.#capitalMinor,
      `the capital is ${account.capitalMinor}, not ${this.#capitalMinor}`,
    )
    const heldMinor = account.positions.reduce((sum, slot) => sum + slot.capitalMinor, 0)
    this.#demand(
      heldMinor <= Math.max(account.capitalMinor, capitalMinor),
      `${heldMinor} are held of ${account.capitalMinor}`,
    )
    this.#demand(account.positions.length <= positionsMax, `${account.positions.length} positions`)
    const symbols = new Set(account.positions.map(({ symbolIndex }) => symbolIndex))
    this.#demand(symbols.size === account.positions.length, 'two positions on one symbol')
    const handles = new Set(account.positions.map(({ handle }) => handle))
    this.#demand(handles.size === account.positions.length, 'one event is held twice')
    const submitted = account.positions.filter(({ state }) => state !== slotStates.RESERVED)
    this.#demand(
      submitted.length === this.#tokens.size,
      `${submitted.length} submitted, the books say ${this.#tokens.size}`,
    )
    for (const slot of submitted) {
      this.#demand(this.#tokens.get(slot.token) === slot.capitalMinor, `token ${slot.token} holds other capital`)
    }
  }

  #demand(condition: boolean, message: string): void {
    if (!condition) throw new Error(`audit: ${message}`)
  }
}

interface Race {
  readonly run: StrategyRun
  readonly auditor: RaceAuditor
}

/** @param bend - Hears a message before the auditor does, and says what it is to hear: the canary's fault. */
async function race(
  strategies: number,
  entries: number,
  seed: number,
  bend: (message: PipelineMessage) => readonly PipelineMessage[] = (message) => [message],
): Promise<Race> {
  const random = new Random(seed)
  const auditor = new RaceAuditor()
  const run = await StrategyRun.open({
    symbols: ['BTC', 'ETH', 'SOL', 'DOGE'],
    seed,
    policy: { max_open_positions: positionsMax },
    config: { capital: capitalMinor / 100 },
    strategies: Array.from({ length: strategies }, (_, index) =>
      // Together they want many times what there is.
      madeUp(`s${index}`, ['claim'], {
        budgetMs: 20_000,
        data: { capitalMinor: random.integer(100_000, 600_000), timeStopNs: 500e6 },
      }),
    ),
    observer: (message) => {
      for (const heard of bend(message)) auditor.hear(heard)
    },
  })
  await run.until(
    () => {
      auditor.check(run.engine.region)
      run.find(run.symbols[random.integer(0, run.symbols.length - 1)]!, { lifeMs: random.integer(1_000, 10_000) })
      return auditor.entered.size >= entries
    },
    'so many have been entered',
    20,
  )
  await run.engine.stopStrategies()
  run.engine.takeClaims(run.nowNs)
  run.engine.stop()
  auditor.check(run.engine.region)
  return { run, auditor }
}

describe('a race of strategies', () => {
  it('a hundred of them: no event is entered twice, the ledger is never overdrawn, every one ends cleanly', async () => {
    const { run, auditor } = await race(100, 20, 2)
    const figures = run.engine.strategyFigures()
    expect(figures).toHaveLength(100)
    expect(figures.map(({ state }) => state).filter((state) => state !== 'done')).toEqual([])
    expect(auditor.entered.size).toBeGreaterThanOrEqual(20)
    const sum = (of: (one: (typeof figures)[number]) => number): number =>
      figures.reduce((all, one) => all + of(one), 0)
    expect(sum(({ submitted }) => submitted)).toBe(auditor.entered.size)
    expect(sum(({ trades, unfilled }) => trades + unfilled)).toBe(auditor.entered.size)
    // They were in each other's way.
    expect(
      sum(({ refused }) => refused.EVENT_CLAIMED + refused.MAX_POSITIONS + refused.SLOT_TAKEN + refused.NO_CAPITAL),
    ).toBeGreaterThan(0)
    expect(run.engine.region.reservations.positions()).toEqual([])
    expect(run.reports).toEqual([])
  })

  it('canary: an entry that is told twice is found', async () => {
    const bend = (message: PipelineMessage): readonly PipelineMessage[] =>
      message.kind === 'position' && message.to === 'submitted' ? [message, message] : [message]
    await expect(race(3, 5, 3, bend)).rejects.toThrow(/audit: .* is entered twice/)
  })

  it('canary: a settlement that is booked twice is found', async () => {
    const bend = (message: PipelineMessage): readonly PipelineMessage[] =>
      message.kind === 'settled' ? [message, message] : [message]
    await expect(race(3, 20, 4, bend)).rejects.toThrow(/audit: the capital is/)
  })
})
