/** Random scenarios for `arbitrate`: small grids of values, so that exact ties, full symbols and empty pots are common. */
import fc from 'fast-check'

export interface CandidateJson {
  event_id: string
  event_type: string
  symbol: string
  lifecycle_state: string
  priority_score: number
  regime_alignment: number
  expected_value: number
  detected_at_ns: bigint
  waiting_since_ns?: bigint
  expires_at_ns?: bigint
  capital_required: number
}

export interface PositionJson {
  event_id: string
  event_type: string
  symbol: string
  capital: number
}

/** The keys of a policy that matter to a decision, all of them written down. */
export interface PolicyJson {
  selection: string
  weights: { priority_score: number; freshness: number; regime_alignment: number; expected_value: number }
  freshness_horizon_s: number
  tiers: Record<string, number>
  interlock: { scope: string; compatible: string[][] } | null
  max_open_positions: number
  max_positions_per_symbol: number
  age_boost: { cap: number; horizon_s: number } | null
  max_wait_s: number | null
  fair_queue: string
  fair_queue_quantum: number
  capital_slots: Record<string, number> | null
  capital_slots_borrow: string
  allocation: string
  min_priority_score: number
  max_state_age_ms: number
  types: Record<string, { tier: number }>
}

export interface ScenarioJson {
  now_ns: bigint
  capital: number
  trading_state: string
  state_age_ms: number
  open_positions: PositionJson[]
  history: { last_executed_type: string | null; deficits: Record<string, number> }
  policy: PolicyJson
  candidates: CandidateJson[]
}

export const builtIn = ['LIQUIDATION_CASCADE', 'FAILED_HUNT', 'FUNDING_SNAPBACK', 'INVENTORY_DISTRIBUTION']
export const own = ['BASIS', 'ÄRGER', '￿', '\u{1f600}']

/** JSON with bigints as bare digits. */
export function textOf(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${textOf(item)}`).join(',')}}`
  }
  return JSON.stringify(value)
}

const now = 1_737_442_838_123_456_789n
const fraction = fc.oneof(fc.constantFrom(0, 0.1, 0.3, 0.5, 0.7, 1), fc.double({ min: 0, max: 1, noNaN: true }))
const money = fc.oneof(
  fc.constantFrom(0, 0.01, 33.33, 500, 1000, 2500, 5000, 10000),
  fc.integer({ min: 0, max: 1_000_000 }).map((minor) => minor / 100),
)
/** Nanoseconds before now: rarely in the future, rarely further away than a double can tell apart. */
const agoNs = fc.oneof(
  fc.constantFrom(0n, 1_000_000_000n, 3_000_000_000n, 60_000_000_000n, 120_000_000_000n, 120_000_000_001n),
  fc.bigInt({ min: -5_000_000_000n, max: 200_000_000_000n }),
  fc.bigInt({ min: 9_007_199_254_740_990n, max: 9_007_199_254_741_000n }),
)
const atNs = agoNs.map((ago) => now - ago)

function candidate(types: readonly string[]): fc.Arbitrary<Omit<CandidateJson, 'event_id'>> {
  return fc.record(
    {
      event_type: fc.constantFrom(...types),
      symbol: fc.constantFrom('BTC', 'ETH', 'SOL', 'DOGE'),
      lifecycle_state: fc.oneof(
        { weight: 25, arbitrary: fc.constantFrom('TRIGGERED', 'ACTIVE', 'COMPLETING') },
        { weight: 1, arbitrary: fc.constantFrom('COMPLETED', 'INVALIDATED') },
      ),
      priority_score: fraction,
      regime_alignment: fraction,
      expected_value: fraction,
      detected_at_ns: atNs,
      waiting_since_ns: atNs,
      expires_at_ns: fc.oneof(
        { weight: 25, arbitrary: fc.constant(now + 1n) },
        { weight: 1, arbitrary: fc.constant(now) },
      ),
      capital_required: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(0, 0.01, 33.33, 500, 1000) },
        { weight: 1, arbitrary: money },
      ),
    },
    {
      requiredKeys: [
        'event_type',
        'symbol',
        'lifecycle_state',
        'priority_score',
        'regime_alignment',
        'expected_value',
        'detected_at_ns',
        'capital_required',
      ],
    },
  ) as fc.Arbitrary<Omit<CandidateJson, 'event_id'>>
}

function policy(types: readonly string[]): fc.Arbitrary<PolicyJson> {
  const type = fc.constantFrom(...types)
  const weight = fc.constantFrom(0, 0.1, 0.2, 0.3, 0.4, 1)
  const tier = fc.integer({ min: 1, max: 4 })
  const shares = fc
    .array(fc.tuple(fc.constantFrom(...types, '*'), fc.constantFrom(0, 0.1, 0.2, 0.333333, 0.5, 0.7, 1)), {
      maxLength: 5,
    })
    .map((pairs) => {
      const slots: Record<string, number> = {}
      let sum = 0
      for (const [name, share] of pairs) {
        if (Object.hasOwn(slots, name) || sum + share > 0.9) continue
        slots[name] = share
        sum += share
      }
      return slots
    })
  return fc.record({
    selection: fc.constantFrom('score', 'score', 'hierarchy', 'portfolio', 'portfolio', 'portfolio'),
    weights: fc.record({
      priority_score: weight,
      freshness: weight,
      regime_alignment: weight,
      expected_value: weight,
    }),
    freshness_horizon_s: fc.constantFrom(60, 10, 0.5),
    tiers: fc
      .tuple(tier, tier, tier, tier)
      .map((tiers) => Object.fromEntries(builtIn.map((name, at) => [name, tiers[at]!]))),
    interlock: fc.option(
      fc.record({
        scope: fc.constantFrom('account', 'symbol'),
        compatible: fc.array(fc.tuple(type, type), { maxLength: 12 }),
      }),
      { freq: 4 },
    ) as fc.Arbitrary<PolicyJson['interlock']>,
    max_open_positions: fc.integer({ min: 1, max: 7 }),
    max_positions_per_symbol: fc.integer({ min: 1, max: 3 }),
    age_boost: fc.option(fc.record({ cap: fc.constantFrom(0, 0.3), horizon_s: fc.constantFrom(120, 7) }), { freq: 3 }),
    max_wait_s: fc.option(fc.constantFrom(120, 3, 9_007_199.254740993), { freq: 3 }),
    fair_queue: fc.constantFrom('off', 'round_robin', 'deficit'),
    fair_queue_quantum: fc.constantFrom(0.1, 1, 0.0000004),
    capital_slots: fc.oneof(
      { weight: 3, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: shares },
      { weight: 1, arbitrary: shares.map((slots) => ({ '*': 0.1, ...slots })) },
    ),
    capital_slots_borrow: fc.constantFrom('none', 'idle'),
    allocation: fc.constantFrom('proportional', 'floor', 'need'),
    min_priority_score: fc.constantFrom(0, 0, 0, 0, 0, 0.3),
    max_state_age_ms: fc.constant(1000),
    types: tier.map((value) => Object.fromEntries(types.slice(builtIn.length).map((name) => [name, { tier: value }]))),
  })
}

function openPosition(type: fc.Arbitrary<string>): fc.Arbitrary<Omit<PositionJson, 'event_id'>> {
  return fc.record({
    event_type: type,
    symbol: fc.constantFrom('BTC', 'ETH', 'XRP'),
    capital: fc.oneof(fc.constantFrom(0, 33.33, 500, 1000), money),
  })
}

/** Ids whose order by UTF-16 units differs from their order by bytes are among them. */
const eventId = fc.oneof(
  fc.stringMatching(/^[a-z]{1,3}$/),
  fc.constantFrom('￿', '\u{1f600}', '\u{10ffff}x', 'é', 'e\u0301', 'z', 'A'),
)

/** Any scenario that `arbitrate` accepts, with at most `candidatesMax` candidates. */
export function scenarios(candidatesMax: number): fc.Arbitrary<ScenarioJson> {
  return fc.integer({ min: 0, max: own.length }).chain((ownCount) => {
    const types = [...builtIn, ...own.slice(0, ownCount)]
    const type = fc.constantFrom(...types)
    return fc
      .record({
        now_ns: fc.constant(now),
        capital: fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom(10000, 2500.01, 70_000_000_000_000) },
          { weight: 1, arbitrary: money },
        ),
        trading_state: fc.oneof(
          { weight: 40, arbitrary: fc.constant('ACTIVE') },
          { weight: 1, arbitrary: fc.constantFrom('REDUCING', 'HALTED') },
        ),
        state_age_ms: fc.oneof(
          { weight: 40, arbitrary: fc.constantFrom(0, 1000) },
          { weight: 1, arbitrary: fc.constant(1000.5) },
        ),
        ids: fc.uniqueArray(eventId, { minLength: candidatesMax, maxLength: candidatesMax }),
        open: fc.oneof(
          { weight: 2, arbitrary: fc.constant<Omit<PositionJson, 'event_id'>[]>([]) },
          { weight: 1, arbitrary: fc.array(openPosition(type), { maxLength: 3 }) },
        ),
        ownEventIsOpen: fc.boolean(),
        history: fc.record({
          last_executed_type: fc.option(fc.constantFrom(...types, 'UNKNOWN')),
          deficits: fc
            .dictionary(
              type,
              money.map((amount) => amount - 5000),
              { maxKeys: 3 },
            )
            .map((deficits) =>
              // A difference of two amounts need not have two decimals; its rounding has.
              Object.fromEntries(
                Object.entries(deficits).map(([name, amount]) => [name, Math.round(amount * 100) / 100]),
              ),
            ),
        }),
        policy: policy(types),
        bodies: fc.array(candidate(types), { maxLength: candidatesMax, size: 'max' }),
      })
      .map(({ ids, open, ownEventIsOpen, bodies, ...rest }) => ({
        ...rest,
        open_positions: open.map((position, at) => ({
          event_id: ownEventIsOpen && at === 0 ? ids[0]! : `open_${at}`,
          ...position,
        })),
        candidates: bodies.map((body, at) => ({ event_id: ids[at]!, ...body })),
      }))
  })
}
