/** What a person looks at: which types and symbols are shown, which event is selected. Everything else follows it. */
import type { PageEvent } from '../page-data.ts'

export class Selection {
  readonly #events: readonly PageEvent[]
  readonly #hiddenTypes = new Set<string>()
  readonly #hiddenSymbols = new Set<number>()
  readonly #listeners: (() => void)[] = []
  #selected: PageEvent | null = null

  constructor(events: readonly PageEvent[]) {
    this.#events = events
  }

  get selected(): PageEvent | null {
    return this.#selected
  }

  /** The events of the types and symbols that are shown. */
  shown(): PageEvent[] {
    return this.#events.filter((event) => this.isTypeShown(event.type) && this.isSymbolShown(event.symbol))
  }

  isTypeShown(type: string): boolean {
    return !this.#hiddenTypes.has(type)
  }

  isSymbolShown(symbol: number): boolean {
    return !this.#hiddenSymbols.has(symbol)
  }

  showType(type: string, isShown: boolean): void {
    if (isShown) this.#hiddenTypes.delete(type)
    else this.#hiddenTypes.add(type)
    this.#tell()
  }

  showSymbol(symbol: number, isShown: boolean): void {
    if (isShown) this.#hiddenSymbols.delete(symbol)
    else this.#hiddenSymbols.add(symbol)
    this.#tell()
  }

  select(event: PageEvent | null): void {
    this.#selected = event
    this.#tell()
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  #tell(): void {
    const selected = this.#selected
    // What is hidden is not looked at.
    if (selected !== null && !(this.isTypeShown(selected.type) && this.isSymbolShown(selected.symbol))) {
      this.#selected = null
    }
    for (const listener of this.#listeners) listener()
  }
}
