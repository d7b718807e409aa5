/** Numbers and times as a person reads them. All times are UTC. */

/** 18:01:23 */
export function clockText(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19)
}

/** 18:01:23.456 */
export function preciseClockText(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23)
}

/** 2026-06-17 */
export function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** Whether two times need their days to be told apart. */
export function areOnDays(fromMs: number, untilMs: number): boolean {
  return dayText(fromMs) !== dayText(untilMs)
}

/** 18:01:23, with its day where there are several. */
export function momentText(ms: number, hasDay: boolean): string {
  return hasDay ? `${dayText(ms)} ${clockText(ms)}` : clockText(ms)
}

/** 2026-06-17 17:30:00 – 19:00:00, or with both days. */
export function spanText(fromMs: number, untilMs: number): string {
  return `${momentText(fromMs, true)} – ${momentText(untilMs, areOnDays(fromMs, untilMs))}`
}

/** 4.2 s, 1 min 40 s, 2 h 05 min, 3 d 4 h */
export function durationText(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const two = (count: number): string => String(count).padStart(2, '0')
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`
}

const grouped = new Map<number, Intl.NumberFormat>()

/** 66,066.0 */
export function numberText(value: number, decimals: number): string {
  const digits = Math.min(20, Math.max(0, decimals))
  const known = grouped.get(digits)
  const format =
    known ?? new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  if (known === undefined) grouped.set(digits, format)
  return format.format(value === 0 ? 0 : value).replace('-', '−')
}

/** 1,234 → 1.23k; 1,234,567 → 1.23M. */
export function shortText(value: number, digits = 3): string {
  const size = Math.abs(value)
  const [divisor, unit] = size >= 1e9 ? [1e9, 'B'] : size >= 1e6 ? [1e6, 'M'] : size >= 1e4 ? [1e3, 'k'] : [1, '']
  const scaled = value / divisor
  const decimals = scaled === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(scaled))))
  return (
    numberText(scaled, Math.min(decimals, 9))
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '') + unit
  )
}

/** Short, with as many digits as tell it from one that is `step` away; at least 4. */
export function shortStepText(value: number, step: number): string {
  const apart = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(step)) + 1
  return shortText(value, Number.isFinite(apart) ? Math.max(4, apart) : 4)
}

/** With its sign. */
export function signedText(value: number, decimals: number): string {
  const rounded = Number(value.toFixed(decimals))
  return `${rounded > 0 ? '+' : ''}${numberText(rounded, decimals)}`
}

/** A number of the evidence: 4 significant digits, very small ones with an exponent. */
export function evidenceText(value: number): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e15) return numberText(value, 0)
  if (size < 1e-3) return value.toExponential(3).replace(/-/g, '−')
  return numberText(value, Math.max(0, 3 - Math.floor(Math.log10(size))))
}

/** What a name in snake_case says: `move_sigmas` → move sigmas; LIQUIDATION_CASCADE → Liquidation cascade. */
export function nameText(name: string): string {
  const words = name.replaceAll('_', ' ')
  return name === name.toUpperCase() ? words.charAt(0) + words.slice(1).toLowerCase() : words
}
