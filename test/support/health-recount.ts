/**
 * The health of arbitration counted a second time, from a journal's lines and nothing else: plain objects, bigints, every list walked
 * anew. Shares no code with `src/stages/arbitration`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseLossless } from '../../src/domain/lossless-json.ts'

interface CandidateLine {
  event_id: string
  event_type: string
  priority_score: number
  tier: number
  rank: number
}

interface RejectionLine {
  event_id: string
  reason: string
  admissible: boolean
  blocked_by: string | null
}

interface DecisionLine {
  arbitration_id: string
  timestamp: bigint | number
  candidates: CandidateLine[]
  selected: string[]
  rejected_events: RejectionLine[]
  allocations: { capital: number; reservation_status: string }[]
}

interface PolicyLine {
  selection: string
  max_wait_s: number | null
  tiers: Record<string, number>
  types: Record<string, { tier: number }>
}

interface InputLine {
  arbitration_id: string
  scenario: {
    capital: number
    open_positions: { event_id: string; event_type: string; capital: number }[]
    candidates: { event_id: string; waiting_since_ns: bigint | number; capital_required: number }[]
    policy: PolicyLine
  }
}

interface EventLine {
  event_id: string
  state: string
  at_ns: bigint | number
}

/** As the summary's keys, but that `waits` are all of them, sorted. */
export interface Recount {
  decisions: number
  multi_event_decisions: number
  selected: number
  starvation_events: number
  priority_inversions: number
  holder_waits: { events: number; total_ns: number; max_ns: number }
  rejections: Record<string, number>
  service: Record<string, { competed: number; served: number; waits: number[] }>
  reservations: { granted: number; lost: number; denied_by: Record<string, number> }
}

function linesOf<Line>(folder: string, series: string): Line[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${series}-`))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => parseLossless(line, series) as Line)
}

/** @param endNs - Unix nanoseconds at which the run ended: what waits then stops waiting. */
export function recountHealth(folder: string, endNs: bigint): Recount {
  const decisions = linesOf<DecisionLine>(folder, 'decisions')
  const inputs = linesOf<InputLine>(folder, 'inputs')
  const ends = new Map<string, bigint>()
  for (const { event_id, state, at_ns } of linesOf<EventLine>(folder, 'events')) {
    if (state === 'COMPLETED' || state === 'INVALIDATED') ends.set(event_id, BigInt(at_ns))
  }
  const starved = new Set<string>()
  const competed = new Map<string, string>()
  const served = new Map<string, number>()
  const heldNs = new Map<string, bigint>()
  const reservations: Recount['reservations'] = { granted: 0, lost: 0, denied_by: {} }
  const rejections: Recount['rejections'] = {}
  let inversions = 0
  for (const [index, decision] of decisions.entries()) {
    const { scenario } = inputs[index]!
    const nowNs = BigInt(decision.timestamp)
    const waitOf = (eventId: string): bigint => {
      const since = BigInt(scenario.candidates.find((one) => one.event_id === eventId)!.waiting_since_ns)
      return since > nowNs ? 0n : nowNs - since
    }
    for (const { event_id, event_type } of decision.candidates) competed.set(event_id, event_type)
    for (const eventId of decision.selected) {
      if (!served.has(eventId)) served.set(eventId, Number(waitOf(eventId)))
    }
    const bound = scenario.policy.max_wait_s
    for (const { event_id, admissible, reason } of decision.rejected_events) {
      rejections[reason] = (rejections[reason] ?? 0) + 1
      if (admissible && bound !== null && waitOf(event_id) > BigInt(bound) * 1_000_000_000n) starved.add(event_id)
    }
    if (isInverted(decision, scenario.policy)) inversions += 1
    for (const { reservation_status: status } of decision.allocations) {
      if (status === 'SUCCESS') reservations.granted += 1
      else if (status === 'EVENT_CLAIMED') reservations.lost += 1
      else if (status !== 'NOT_ATTEMPTED') reservations.denied_by[status] = (reservations.denied_by[status] ?? 0) + 1
    }
    // Whoever waits for a lower tier here waits so until the next decision, its own end or the end of all.
    const nextNs = index + 1 < decisions.length ? BigInt(decisions[index + 1]!.timestamp) : endNs
    for (const rejection of decision.rejected_events) {
      if (!waitsForLowerTier(decision, inputs[index]!, rejection)) continue
      const endedNs = ends.get(rejection.event_id)
      const untilNs = endedNs !== undefined && endedNs < nextNs ? endedNs : nextNs
      heldNs.set(rejection.event_id, (heldNs.get(rejection.event_id) ?? 0n) + untilNs - nowNs)
    }
  }
  const held = [...heldNs.values()].map(Number)
  const service: Recount['service'] = {}
  for (const [eventId, type] of competed) {
    service[type] ??= { competed: 0, served: 0, waits: [] }
    service[type].competed += 1
    const wait = served.get(eventId)
    if (wait === undefined) continue
    service[type].served += 1
    service[type].waits.push(wait)
  }
  for (const { waits } of Object.values(service)) waits.sort((a, b) => a - b)
  return {
    decisions: decisions.length,
    multi_event_decisions: decisions.filter(({ candidates }) => candidates.length > 1).length,
    selected: decisions.reduce((sum, { selected }) => sum + selected.length, 0),
    starvation_events: starved.size,
    priority_inversions: inversions,
    holder_waits: {
      events: held.length,
      total_ns: held.reduce((sum, wait) => sum + wait, 0),
      max_ns: Math.max(0, ...held),
    },
    rejections,
    service,
    reservations,
  }
}

/** The reasons with which the rules of CONTRACTS may pass over a higher rank, whatever the selection. */
const passesOver = ['starvation_bound', 'fair_queue', 'interlocked', 'slot_taken', 'max_open_positions', 'risk_limit']

function isInverted({ candidates, selected, rejected_events }: DecisionLine, policy: PolicyLine): boolean {
  const byId = new Map(candidates.map((candidate) => [candidate.event_id, candidate]))
  const chosen = selected.map((eventId) => byId.get(eventId)!)
  const worst = Math.max(0, ...chosen.map(({ rank }) => rank))
  return rejected_events.some(({ event_id, admissible, reason }) => {
    const { rank, tier, priority_score } = byId.get(event_id)!
    if (!admissible || rank > worst) return false
    if (passesOver.includes(reason) || reason === 'insufficient_capital') return false
    if (policy.selection !== 'hierarchy') return true
    if (reason === 'lower_tier') return !(tier > chosen[0]!.tier)
    return !(reason === 'lower_score' && tier === chosen[0]!.tier && priority_score < chosen[0]!.priority_score)
  })
}

function waitsForLowerTier(decision: DecisionLine, input: InputLine, rejection: RejectionLine): boolean {
  const { open_positions: positions, candidates, capital, policy } = input.scenario
  const { tier } = decision.candidates.find((candidate) => candidate.event_id === rejection.event_id)!
  const tierOf = (type: string): number => policy.tiers[type] ?? policy.types[type]!.tier
  const lower = positions.filter(({ event_type }) => tierOf(event_type) > tier)
  if (rejection.admissible) return false
  switch (rejection.reason) {
    case 'interlocked':
    case 'slot_taken':
      return lower.some(({ event_id }) => event_id === rejection.blocked_by)
    case 'max_open_positions':
      return lower.length > 0
    case 'insufficient_capital': {
      const cents = (money: number): number => Math.round(money * 100)
      const sum = (list: typeof positions): number => list.reduce((total, one) => total + cents(one.capital), 0)
      const required = cents(candidates.find((one) => one.event_id === rejection.event_id)!.capital_required)
      return sum(lower) > 0 && Math.max(0, cents(capital) - sum(positions)) + sum(lower) >= required
    }
    default:
      return false
  }
}

/** The least of the sorted values that the fraction of them do not pass. */
export function nearestRank(sorted: readonly number[], fraction: number): number {
  return sorted[Math.max(1, Math.ceil(fraction * sorted.length)) - 1]!
}
