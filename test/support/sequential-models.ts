/** What the registry and the ledger of a region do when one thread uses them: written from their contract, not from their code. */
import type { Call, SequentialModel } from './linearizability.ts'

/** A live event of one id: its handle, its lifecycle state, the stamp in its record. */
interface LiveEvent {
  readonly handle: number
  readonly lifecycle: number
  readonly stamp: number
}

/** Of one id: ids do not touch each other. `issued`: handles that there were already (REG-5). */
interface RegistryState {
  readonly live: LiveEvent | null
  readonly issued: readonly number[]
}

/** Forward only; the last two of five are final. */
const legal: readonly (readonly number[])[] = [[1, 2, 3, 4], [2, 3, 4], [3, 4], [], []]

type Found = readonly [handle: number, lifecycle: number, stamp: number] | null

/**
 * `register(id, stamp, type)` → `[won, handle]`; `getById(id)` → found; `get(id, handle)` → found; `transition(id, handle, to)` →
 * `['ok' | 'ILLEGAL', from]` or `['GONE']`; `retire(id, handle)` → whether it was this call.
 */
export const registryModel: SequentialModel<RegistryState> = {
  initial: { live: null, issued: [] },
  key: ({ live, issued }) => JSON.stringify([live, issued]),
  step(state, { name, values, result }) {
    const { live, issued } = state
    const isLive = live !== null && live.handle === values[1]
    switch (name) {
      case 'register': {
        const [won, handle] = result as [boolean, number]
        if (!won) return live?.handle === handle ? state : null
        if (live !== null || issued.includes(handle)) return null
        return { live: { handle, lifecycle: 0, stamp: values[1]! }, issued: [...issued, handle] }
      }
      case 'getById':
        return isSame(result as Found, live) ? state : null
      case 'get':
        return isSame(result as Found, isLive ? live : null) ? state : null
      case 'transition': {
        const [answer, from] = result as [string, number]
        if (!isLive) return answer === 'GONE' ? state : null
        if (from !== live.lifecycle) return null
        const isLegal = legal[live.lifecycle]!.includes(values[2]!)
        if (answer !== (isLegal ? 'ok' : 'ILLEGAL')) return null
        return isLegal ? { live: { ...live, lifecycle: values[2]! }, issued } : state
      }
      case 'retire':
        if (result !== isLive) return null
        return isLive ? { live: null, issued } : state
      default:
        throw new Error(`the registry has no ${name}`)
    }
  },
}

function isSame(found: Found, live: LiveEvent | null): boolean {
  if (found === null || live === null) return found === live
  return found[0] === live.handle && found[1] === live.lifecycle && found[2] === live.stamp
}

interface Slot {
  readonly token: number
  readonly event: number
  readonly capital: number
  readonly state: 'RESERVED' | 'SUBMITTED' | 'OPEN' | 'CLOSING'
}

export interface LedgerState {
  readonly capital: number
  readonly nextToken: number
  readonly slots: readonly Slot[]
  /** Events that were submitted once. */
  readonly spent: readonly number[]
}

const steps = { submit: ['RESERVED', 'SUBMITTED'], open: ['SUBMITTED', 'OPEN'], close: ['OPEN', 'CLOSING'] } as const

/**
 * A ledger without interlock and pots, each event on a symbol of its own. `reserve(event, capital, event, capital, …)` →
 * `['ok', token, …]` or `[refusal, index]`; `submit`, `open`, `close(token)` → `'ok'` or the refusal; `release(token, settled, change)`
 * likewise; `account()` → `[capital, [token, event, capital, state], …]`.
 */
export function ledgerModel(initial: LedgerState, openMax: number): SequentialModel<LedgerState> {
  return {
    initial,
    key: (state) => JSON.stringify(state),
    step(state, call) {
      switch (call.name) {
        case 'reserve':
          return reserve(state, call, openMax)
        case 'submit':
        case 'open':
        case 'close':
          return advance(state, call, call.name)
        case 'release':
          return release(state, call)
        case 'account': {
          const seen = [
            state.capital,
            ...state.slots.map(({ token, event, capital, state: at }) => [token, event, capital, at]),
          ]
          return JSON.stringify(seen) === JSON.stringify(call.result) ? state : null
        }
        default:
          throw new Error(`the ledger has no ${call.name}`)
      }
    },
  }
}

function reserve(state: LedgerState, { values, result }: Call, openMax: number): LedgerState | null {
  const answer = result as readonly (string | number)[]
  let { nextToken } = state
  const slots = [...state.slots]
  for (let at = 0; at < values.length; at += 2) {
    const [event, capital] = [values[at]!, values[at + 1]!]
    const held = slots.reduce((sum, slot) => sum + slot.capital, 0)
    const isClaimed = state.spent.includes(event) || slots.some((slot) => slot.event === event)
    const refusal = isClaimed
      ? 'EVENT_CLAIMED'
      : slots.length >= openMax
        ? 'MAX_POSITIONS'
        : capital > state.capital - held
          ? 'NO_CAPITAL'
          : null
    if (refusal !== null) return answer[0] === refusal && answer[1] === at / 2 ? state : null
    slots.push({ token: nextToken, event, capital, state: 'RESERVED' })
    nextToken += 1
  }
  const tokens = slots.slice(state.slots.length).map(({ token }) => token)
  return JSON.stringify(answer) === JSON.stringify(['ok', ...tokens]) ? { ...state, nextToken, slots } : null
}

function advance(state: LedgerState, { values, result }: Call, name: keyof typeof steps): LedgerState | null {
  const [from, to] = steps[name]
  const slot = state.slots.find(({ token }) => token === values[0])
  const answer = slot === undefined ? 'STALE_TOKEN' : slot.state === from ? 'ok' : 'ILLEGAL_STATE'
  if (result !== answer) return null
  if (answer !== 'ok') return state
  const slots = state.slots.map((one) => (one === slot ? { ...one, state: to } : one))
  return { ...state, slots, spent: name === 'submit' ? [...state.spent, slot!.event].sort() : state.spent }
}

function release(state: LedgerState, { values, result }: Call): LedgerState | null {
  const [token, settled, change] = values as [number, number, number]
  const slot = state.slots.find((one) => one.token === token)
  const isAllowed = slot?.state === 'RESERVED' || (settled === 1 && slot?.state !== 'OPEN')
  const answer = slot === undefined ? 'STALE_TOKEN' : isAllowed ? 'ok' : 'ILLEGAL_STATE'
  if (result !== answer) return null
  if (answer !== 'ok') return state
  return { ...state, capital: state.capital + change, slots: state.slots.filter((one) => one !== slot) }
}
