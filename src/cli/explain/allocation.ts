/** How a decision shared the capital: members, pots and deficits, as an explanation has them. Pure. */
import { millionthsOf } from '../../decide/capital-pots.ts'
import { potOf } from '../../decide/remedy.ts'
import type { Decision } from '../../domain/decision.ts'
import { toMillionths } from '../../domain/policy-codec.ts'
import { toMoney } from '../../domain/units.ts'
import type { DecisionEntry } from '../../journal/decision-entry.ts'
import { heldBy } from './capital-words.ts'
import { moneyText } from './figures.ts'
import type { DecisionInput } from './journal-folder.ts'
import { deficitsCompared, statusSentence } from './rule-words.ts'

export interface PotJson {
  readonly pot: string
  readonly share: number
  /** Of the capital, less what the pot's open positions hold; what it may borrow comes on top. */
  readonly own_budget: number
  readonly held: number
  readonly allocated: number
  readonly borrowed: number
}

export interface AllocationJson {
  readonly rule: string | null
  readonly members: readonly {
    readonly event_id: string
    readonly capital: number
    readonly capital_required: number | null
    readonly reservation_status: string
    readonly sentence: string
  }[]
  readonly pots: readonly PotJson[] | null
  readonly allocated: number
  readonly unallocated: number
  /** Of the types with an admissible candidate, where the deficit queue chose: what it compared, and what is left after it. */
  readonly deficits_compared: Readonly<Record<string, number>> | null
  readonly deficits: Readonly<Record<string, number>> | null
}

export function allocationOf(entry: DecisionEntry, input: DecisionInput | null): AllocationJson {
  const { decision, reservations } = entry
  return {
    rule: input?.policy.allocation ?? null,
    members: decision.allocations.map(({ eventId, capitalMinor }, at) => {
      const json = input?.scenario.candidates.find((one) => one.eventId === eventId)
      const status = reservations[at]!
      return {
        event_id: eventId,
        capital: toMoney(capitalMinor),
        capital_required: json === undefined ? null : toMoney(json.capitalRequiredMinor),
        reservation_status: status,
        sentence: `${moneyText(capitalMinor)}, ${statusSentence(status)}`,
      }
    }),
    pots: input === null ? null : potsOf(decision, input),
    allocated: toMoney(decision.capitalAllocatedMinor),
    unallocated: toMoney(decision.capitalUnallocatedMinor),
    deficits_compared: moneyByType(deficitsCompared(decision)),
    deficits: moneyByType(decision.deficitsMinor ?? null),
  }
}

function moneyByType(minorByType: Readonly<Record<string, number>> | null): Readonly<Record<string, number>> | null {
  if (minorByType === null) return null
  return Object.fromEntries(Object.entries(minorByType).map(([type, minor]) => [type, toMoney(minor)]))
}

/** The pots of `capital_slots`, null without. */
function potsOf(decision: Decision, { scenario, policy }: DecisionInput): PotJson[] | null {
  const slots = policy.capitalSlots
  if (slots === null) return null
  return Object.entries(slots).map(([pot, share]) => {
    const heldMinor = heldBy(scenario.openPositions.filter(({ eventType }) => potOf(policy, eventType) === pot))
    const ownMinor = Math.max(0, millionthsOf(scenario.capitalMinor, toMillionths(share)) - heldMinor)
    const allocatedMinor = decision.allocations
      .filter(({ eventId }) => potOf(policy, typeOf(decision, eventId)) === pot)
      .reduce((sum, { capitalMinor }) => sum + capitalMinor, 0)
    return {
      pot,
      share,
      own_budget: toMoney(ownMinor),
      held: toMoney(heldMinor),
      allocated: toMoney(allocatedMinor),
      borrowed: toMoney(Math.max(0, allocatedMinor - ownMinor)),
    }
  })
}

function typeOf({ candidates }: Decision, eventId: string): string {
  return candidates.find((one) => one.eventId === eventId)!.eventType
}
