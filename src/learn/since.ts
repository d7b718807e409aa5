/** From when on a report is told: `90d`, `12h`, or an ISO 8601 time (CONTRACTS). Pure; any thread. */
import { inputError } from '../base/errors.ts'

const spanPattern = /^(\d{1,6})([dh])$/
const nsPerHour = 3_600_000_000_000n
const isoPattern = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?(Z|[+-]\d\d:?\d\d)?)?$/

/** A span before the newest entry, or a time. */
export type Since = { readonly spanNs: bigint } | { readonly atNs: bigint }

/** @throws {SignalboxError} `ERR_INPUT` naming the option. */
export function parseSince(text: string, option = '--since'): Since {
  const span = spanPattern.exec(text)
  if (span !== null) {
    const hours = BigInt(span[1]!) * (span[2] === 'd' ? 24n : 1n)
    if (hours > 0n) return { spanNs: hours * nsPerHour }
  }
  const atNs = isoNs(text)
  if (atNs !== null) return { atNs }
  throw inputError(option, `must be 90d, 12h or a time as 2026-06-17T18:00:00Z, got ${JSON.stringify(text)}`, text)
}

/**
 * The first nanosecond that is told.
 *
 * @param lastNs - Of the newest entry; null: there is none, and a span begins nowhere.
 */
export function sinceNsOf(since: Since, lastNs: bigint | null): bigint | undefined {
  if ('atNs' in since) return since.atNs
  return lastNs === null ? undefined : lastNs - since.spanNs
}

/** Without a zone it is UTC. Null: no such time. */
function isoNs(text: string): bigint | null {
  const match = isoPattern.exec(text)
  if (match === null) return null
  const [, day, minute = '00:00', second = '00', fraction = '', zone = 'Z'] = match
  const dayMs = Date.parse(`${day}T00:00:00Z`)
  // The language takes 30 February for 2 March.
  if (Number.isNaN(dayMs) || !new Date(dayMs).toISOString().startsWith(day!)) return null
  const unixMs = Date.parse(
    `${day}T${minute}:${second}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`,
  )
  return Number.isNaN(unixMs) ? null : BigInt(unixMs) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}
