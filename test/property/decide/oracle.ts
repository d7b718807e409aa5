/**
 * A second arbiter, written from CONTRACTS "The decision, exactly" and from nothing else: objects, bigints, plain sorts, and
 * for the portfolio every subset. Slow on purpose; shares no code with `src/decide`.
 */
import type { CandidateJson, PolicyJson, PositionJson, ScenarioJson } from './scenarios.ts'

export interface OracleRejection {
  event_id: string
  reason: string
  admissible: boolean
  score_diff: number | null
  blocked_by: string | null
}

export interface OracleEntry {
  ranked: string[]
  scores: number[]
  admissible_count: number
  selected: string[]
  selection_reason: string
  rejected_events: OracleRejection[]
  allocations: { event_id: string; capital: number }[]
  capital_allocated: number
  capital_unallocated: number
  deficits: Record<string, number> | undefined
}

interface Scored {
  json: CandidateJson
  id: string
  type: string
  symbol: string
  tier: number
  detected: bigint
  waited: bigint
  required: bigint
  score: number
  q: bigint
  reason: string | null
  admissible: boolean
  blockedBy: string | null
  share: bigint
}

const cents = (money: number): bigint => BigInt(Math.round(money * 100))
const bytesOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
const millionths = (share: number): bigint => BigInt(Math.round(share * 1e6))

export function oracle(scenario: ScenarioJson): OracleEntry {
  const { policy } = scenario
  const now = scenario.now_ns
  const capital = cents(scenario.capital)
  const open = scenario.open_positions
  const tiers: Record<string, number> = { ...policy.tiers }
  for (const [type, { tier }] of Object.entries(policy.types)) tiers[type] = tier
  const types = Object.keys(tiers).sort((a, b) => tiers[a]! - tiers[b]! || bytesOrder(a, b))

  const held = open.reduce((sum, position) => sum + cents(position.capital), 0n)
  const available = capital > held ? capital - held : 0n

  const past = (at: bigint): bigint => (at > now ? now : at)
  const all: Scored[] = scenario.candidates.map((json) => {
    const detected = past(json.detected_at_ns)
    const waited = now - past(json.waiting_since_ns ?? json.detected_at_ns)
    const weights = policy.weights
    const freshness = Math.max(0, 1 - Number(now - detected) / (policy.freshness_horizon_s * 1e9))
    let base = weights.priority_score * json.priority_score
    base += weights.freshness * freshness
    base += weights.regime_alignment * json.regime_alignment
    base += weights.expected_value * json.expected_value
    const boost = policy.age_boost
    const bonus = boost === null ? 0 : Math.min(boost.cap, Number(waited) / (boost.horizon_s * 1e9))
    const score = base + bonus
    return {
      json,
      id: json.event_id,
      type: json.event_type,
      symbol: json.symbol,
      tier: tiers[json.event_type]!,
      detected,
      waited,
      required: cents(json.capital_required),
      score,
      q: BigInt(Math.floor(score * 1e12 + 0.5)),
      reason: null,
      admissible: false,
      blockedBy: null,
      share: 0n,
    }
  })
  const big = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
  all.sort(
    (a, b) =>
      big(b.q, a.q) ||
      b.json.priority_score - a.json.priority_score ||
      a.tier - b.tier ||
      big(a.detected, b.detected) ||
      bytesOrder(a.id, b.id),
  )

  const together = (typeA: string, typeB: string): boolean =>
    policy.interlock === null ||
    typeA === typeB ||
    policy.interlock.compatible.some(([a, b]) => (a === typeA && b === typeB) || (a === typeB && b === typeA))
  const clash = (a: { type: string; symbol: string }, b: { type: string; symbol: string }): boolean =>
    !together(a.type, b.type) && (policy.interlock!.scope === 'account' || a.symbol === b.symbol)
  const asEvent = (position: PositionJson): { type: string; symbol: string } => ({
    type: position.event_type,
    symbol: position.symbol,
  })

  // Step 3, up to the budgets.
  for (const event of all) {
    const onSymbol = open.filter((position) => position.symbol === event.symbol)
    const clashing = open.find((position) => clash(event, asEvent(position)))
    const self = open.find((position) => position.event_id === event.id)
    const expires = event.json.expires_at_ns
    const refuse = (reason: string, blockedBy: string | null = null): void => {
      event.reason = reason
      event.blockedBy = blockedBy
    }
    if (scenario.trading_state !== 'ACTIVE') refuse('halted')
    else if (scenario.state_age_ms > policy.max_state_age_ms) refuse('stale_state')
    else if (!['TRIGGERED', 'ACTIVE', 'COMPLETING'].includes(event.json.lifecycle_state)) refuse('not_actionable')
    else if (expires !== undefined && expires <= now) refuse('expired')
    else if (event.json.priority_score < policy.min_priority_score) refuse('below_min_priority')
    else if (clashing) refuse('interlocked', clashing.event_id)
    else if (self) refuse('slot_taken', self.event_id)
    else if (onSymbol.length >= policy.max_positions_per_symbol) refuse('slot_taken', onSymbol[0]!.event_id)
    else if (open.length >= policy.max_open_positions) refuse('max_open_positions')
  }

  // Budgets.
  const slots = policy.capital_slots
  const potOf = (type: string): string | null => {
    if (slots === null) return 'all'
    if (Object.hasOwn(slots, type)) return type
    return Object.hasOwn(slots, '*') ? '*' : null
  }
  const ownBudget = (pot: string): bigint => {
    const used = open.filter((position) => potOf(position.event_type) === pot)
    const rest = used.reduce(
      (sum, { capital: amount }) => sum - cents(amount),
      (capital * millionths(slots![pot]!)) / 1_000_000n,
    )
    return rest > 0n ? rest : 0n
  }
  let loan = 0n
  if (slots !== null && policy.capital_slots_borrow === 'idle') {
    for (const pot of Object.keys(slots)) {
      if (!all.some((event) => event.reason === null && potOf(event.type) === pot)) loan += ownBudget(pot)
    }
  }
  for (const event of all.filter(({ reason }) => reason === null)) {
    const pot = potOf(event.type)
    if (slots !== null) {
      const budget = pot === null ? 0n : ownBudget(pot) + loan
      if (budget === 0n || budget < event.required) event.reason = 'slot_budget_exhausted'
    }
    if (event.reason === null) {
      const nothingNeeded = policy.allocation === 'need' && event.required === 0n
      if (available === 0n || available < event.required || nothingNeeded) event.reason = 'insufficient_capital'
    }
    event.admissible = event.reason === null
  }

  const admissible = all.filter((event) => event.admissible)
  const only = admissible.length === 1
  let reason = 'none_admissible'
  let members: Scored[] = []
  let deficits: Record<string, number> | undefined
  let servedType: string | null = null

  const limit = policy.max_wait_s
  const overdue = admissible
    .filter((event) => limit !== null && event.waited > BigInt(Math.round(limit * 1e9)))
    .sort((a, b) => big(b.waited, a.waited) || all.indexOf(a) - all.indexOf(b))[0]

  if (admissible.length > 0 && policy.selection === 'portfolio') {
    members = bestSubset(admissible, open, policy, clash, overdue)
    reason = overdue ? 'starvation_bound' : only ? 'only_candidate' : 'portfolio'
    for (const event of admissible.filter((loser) => !members.includes(loser))) {
      const clashing = members.find((member) => clash(event, member))
      const onSymbol = members.filter((member) => member.symbol === event.symbol)
      const openOnSymbol = open.filter((position) => position.symbol === event.symbol).length
      if (clashing) {
        event.reason = 'interlocked'
        event.blockedBy = clashing.id
      } else if (onSymbol.length + openOnSymbol >= policy.max_positions_per_symbol) {
        event.reason = 'slot_taken'
        event.blockedBy = onSymbol[0]!.id
      } else
        event.reason = members.length + open.length >= policy.max_open_positions ? 'max_open_positions' : 'lower_score'
    }
  } else if (overdue) {
    members = [overdue]
    reason = 'starvation_bound'
    for (const event of admissible.filter((loser) => loser !== overdue)) {
      event.reason = 'starvation_bound'
      event.blockedBy = overdue.id
    }
  } else if (admissible.length > 0 && policy.selection === 'hierarchy') {
    const winner = [...admissible].sort(
      (a, b) => a.tier - b.tier || b.json.priority_score - a.json.priority_score || all.indexOf(a) - all.indexOf(b),
    )[0]!
    members = [winner]
    reason = only ? 'only_candidate' : 'highest_tier'
    for (const event of admissible.filter((loser) => loser !== winner)) {
      event.reason = event.tier > winner.tier ? 'lower_tier' : 'lower_score'
    }
  } else if (admissible.length > 0) {
    const waiting = types.filter((type) => admissible.some((event) => event.type === type))
    if (policy.fair_queue === 'round_robin') {
      const after = types.indexOf(scenario.history.last_executed_type ?? '') + 1
      servedType = [...types.slice(after), ...types.slice(0, after)].find((type) => waiting.includes(type))!
    } else if (policy.fair_queue === 'deficit') {
      const gain = (capital * millionths(policy.fair_queue_quantum)) / 1_000_000n
      deficits = {}
      for (const type of waiting) deficits[type] = Number(cents(scenario.history.deficits[type] ?? 0) + gain)
      servedType = waiting.reduce((best, type) => (deficits![type]! > deficits![best]! ? type : best))
    }
    const winner = admissible.find((event) => servedType === null || event.type === servedType)!
    members = [winner]
    reason = only ? 'only_candidate' : 'highest_score'
    if (admissible.indexOf(winner) > 0) reason = 'fair_queue'
    for (const event of admissible.filter((loser) => loser !== winner)) {
      event.reason = admissible.indexOf(event) < admissible.indexOf(winner) ? 'fair_queue' : 'lower_score'
    }
  }

  // Step 6.
  let left = available
  const potOrder = slots === null ? ['all'] : [...types.filter((type) => Object.hasOwn(slots, type)), '*']
  if (overdue) potOrder.unshift(potOf(overdue.type)!)
  for (const pot of new Set(potOrder)) {
    const inPot = members.filter((event) => potOf(event.type) === pot)
    const guaranteed = slots === null || !Object.hasOwn(slots, pot) ? 0n : ownBudget(pot)
    const size = slots === null ? left : guaranteed + loan < left ? guaranteed + loan : left
    while (inPot.length > 0 && !share(inPot, size, policy.allocation)) {
      const others = inPot.length > 1 ? inPot.filter((event) => event !== overdue) : inPot
      const dropped = others.at(-1)!
      dropped.reason = 'insufficient_capital'
      inPot.splice(inPot.indexOf(dropped), 1)
    }
    const spent = inPot.reduce((sum, event) => sum + event.share, 0n)
    left -= spent
    if (spent > guaranteed) loan -= spent - guaranteed
  }
  members = members.filter((event) => event.reason === null)
  if (members.length === 0) {
    reason = 'none_admissible'
    deficits = undefined
  }
  if (deficits) deficits[servedType!]! -= Number(available - left)

  return {
    ranked: all.map((event) => event.id),
    scores: all.map((event) => event.score),
    admissible_count: admissible.length,
    selected: members.map((event) => event.id),
    selection_reason: reason,
    rejected_events: all
      .filter((event) => event.reason !== null)
      .map((event) => ({
        event_id: event.id,
        reason: event.reason!,
        admissible: event.admissible,
        score_diff: event.admissible && members.length > 0 ? Number(members[0]!.q - event.q) / 1e12 : null,
        blocked_by: event.blockedBy,
      })),
    allocations: members.map((event) => ({ event_id: event.id, capital: Number(event.share) / 100 })),
    capital_allocated: Number(available - left) / 100,
    capital_unallocated: Number(left) / 100,
    deficits: deficits && Object.fromEntries(Object.entries(deficits).map(([type, minor]) => [type, minor / 100])),
  }
}

/** Sets the shares; false when somebody has to go. */
function share(events: Scored[], pot: bigint, rule: string): boolean {
  const required = events.reduce((sum, event) => sum + event.required, 0n)
  if (required > pot) return false
  const toShare = rule === 'proportional' ? pot : rule === 'floor' ? pot - required : 0n
  const total = events.reduce((sum, event) => sum + event.q, 0n)
  const parts = events.map((event) => {
    const weight = total === 0n ? 1n : event.q
    const of = total === 0n ? BigInt(events.length) : total
    return { event, whole: (toShare * weight) / of, rest: (toShare * weight) % of }
  })
  let missing = toShare - parts.reduce((sum, part) => sum + part.whole, 0n)
  for (const part of [...parts].sort((a, b) => (a.rest === b.rest ? 0 : a.rest > b.rest ? -1 : 1))) {
    if (missing === 0n) break
    part.whole++
    missing--
  }
  for (const { event, whole } of parts) event.share = rule === 'proportional' ? whole : event.required + whole
  return events.every((event) => event.share > 0n && event.share >= event.required)
}

/** Every subset. */
function bestSubset(
  admissible: Scored[],
  open: PositionJson[],
  policy: PolicyJson,
  clash: (a: Scored, b: Scored) => boolean,
  must: Scored | undefined,
): Scored[] {
  let best: number[] = []
  let bestSum = -1n
  for (let bits = 1; bits < 2 ** admissible.length; bits++) {
    const ranks = admissible.map((_, rank) => rank).filter((rank) => (bits >> rank) & 1)
    const set = ranks.map((rank) => admissible[rank]!)
    if (must && !set.includes(must)) continue
    if (set.length + open.length > policy.max_open_positions) continue
    if (set.some((a, at) => set.slice(at + 1).some((b) => clash(a, b)))) continue
    const crowded = set.some(({ symbol }) => {
      const there = [...set, ...open].filter((event) => event.symbol === symbol).length
      return there > policy.max_positions_per_symbol
    })
    if (crowded) continue
    const sum = set.reduce((total, event) => total + event.q, 0n)
    if (sum > bestSum || (sum === bestSum && comesFirst(ranks, best))) {
      bestSum = sum
      best = ranks
    }
  }
  return best.map((rank) => admissible[rank]!)
}

function comesFirst(a: number[], b: number[]): boolean {
  const at = a.findIndex((rank, index) => rank !== b[index])
  if (at < 0) return a.length < b.length
  return b[at] !== undefined && a[at]! < b[at]!
}
