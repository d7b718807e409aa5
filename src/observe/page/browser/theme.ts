/** Colours come from the style sheet alone; what draws on a canvas asks here, and is told when light and dark change places. */

/** Types with colours of their own; any other takes one of the spare ones, in the order of its first event. */
const knownTypes = ['LIQUIDATION_CASCADE', 'FAILED_HUNT', 'FUNDING_SNAPBACK', 'INVENTORY_DISTRIBUTION']
const spareColors = 4

export class Theme {
  readonly #types: readonly string[]
  readonly #dark = matchMedia('(prefers-color-scheme: dark)')
  readonly #colors = new Map<string, string>()

  constructor(types: readonly string[]) {
    this.#types = types
  }

  /** As the specification lists them, then a user's own. */
  static order(types: readonly string[]): string[] {
    const rank = (type: string): number => (knownTypes.indexOf(type) + knownTypes.length + 1) % (knownTypes.length + 1)
    return [...types].sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1))
  }

  /** A custom property of the style sheet: `line`, `grid`. */
  color(name: string): string {
    const known = this.#colors.get(name)
    if (known !== undefined) return known
    const color = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
    this.#colors.set(name, color)
    return color
  }

  /** The name of a type's colour. */
  typeColorName(type: string): string {
    const known = knownTypes.indexOf(type)
    if (known >= 0) return `type-${known}`
    const others = this.#types.filter((each) => !knownTypes.includes(each))
    return `type-${knownTypes.length + (others.indexOf(type) % spareColors)}`
  }

  typeColor(type: string): string {
    return this.color(this.typeColorName(type))
  }

  onChange(redraw: () => void): void {
    this.#dark.addEventListener('change', () => {
      this.#colors.clear()
      redraw()
    })
  }
}
