/** The list of all events, with what narrows it: a switch for each type and each symbol. */
import type { EventsPage, PageEvent, PageInstrument } from '../page-data.ts'
import { element } from './elements.ts'
import { beganMs, endedMs, endMark, endText } from './event-ends.ts'
import { moveElement } from './move.ts'
import type { Selection } from './selection.ts'
import { areOnDays, clockText, dayText, durationText, nameText, numberText } from './texts.ts'
import type { Theme } from './theme.ts'

export class EventList {
  readonly filters: HTMLElement
  readonly root: HTMLElement
  readonly #list = element('ol', { class: 'events' })
  readonly #page: EventsPage
  readonly #instruments: readonly PageInstrument[]
  readonly #selection: Selection
  readonly #theme: Theme
  readonly #buttons = new Map<PageEvent, HTMLButtonElement>()
  /** Of each day with events, where there are several. */
  readonly #dayHeads = new Map<string, HTMLElement>()
  readonly #count = element('span', { class: 'count' })

  /** @param instruments - By the events' index. */
  constructor(
    page: EventsPage,
    instruments: readonly PageInstrument[],
    types: readonly string[],
    selection: Selection,
    theme: Theme,
    onPick: (event: PageEvent) => void,
  ) {
    this.#page = page
    this.#instruments = instruments
    this.#selection = selection
    this.#theme = theme
    this.filters = element('div', { class: 'filters' }, ...this.#filters(types))
    const hasDays = areOnDays(page.firstMs, page.lastMs)
    for (const event of page.events) {
      if (hasDays) this.#beginDay(dayText(beganMs(event)))
      const button = this.#row(event)
      button.addEventListener('click', () => onPick(event))
      this.#buttons.set(event, button)
      this.#list.append(element('li', {}, button))
    }
    this.#list.addEventListener('keydown', (key) => this.#walk(key))
    this.root = element(
      'section',
      { class: 'event-list', 'aria-label': 'Events' },
      element('h2', {}, 'Events ', this.#count),
      page.events.length === 0 ? element('p', { class: 'none' }, page.whyNoEvents ?? 'none') : this.#list,
    )
    selection.onChange(() => this.#follow())
    this.#follow()
  }

  /** Scrolls the list, and only the list, to the selected event. */
  reveal(): void {
    const { selected } = this.#selection
    if (selected === null) return
    const { top, bottom, height } = this.#buttons.get(selected)!.getBoundingClientRect()
    const view = this.#list.getBoundingClientRect()
    if (top < view.top || bottom > view.bottom) this.#list.scrollTop += top - view.top - (view.height - height) / 2
  }

  /** Where there is nothing to choose between, there is no switch. */
  #filters(types: readonly string[]): HTMLElement[] {
    const filters: HTMLElement[] = []
    if (types.length > 0) filters.push(this.#typeFilter(types))
    if (this.#page.symbols.length > 1) filters.push(this.#symbolFilter())
    return filters
  }

  #typeFilter(types: readonly string[]): HTMLElement {
    const chips = types.map((type) => {
      const count = this.#page.events.filter((event) => event.type === type).length
      const swatch = element('i', { class: 'swatch', style: `--type-color: var(--${this.#theme.typeColorName(type)})` })
      return chip([swatch, nameText(type)], count, (isOn) => this.#selection.showType(type, isOn))
    })
    return element('fieldset', {}, element('legend', {}, 'Types'), ...chips)
  }

  #symbolFilter(): HTMLElement {
    const chips = this.#page.symbols.map(({ symbol }, index) => {
      const count = this.#page.events.filter((event) => event.symbol === index).length
      return chip([symbol], count, (isOn) => this.#selection.showSymbol(index, isOn))
    })
    const undrawn = this.#page.events.filter((event) => event.symbol >= this.#page.symbols.length)
    if (undrawn.length > 0) {
      const indexes = new Set(undrawn.map((event) => event.symbol))
      chips.push(
        chip(['not drawn'], undrawn.length, (isOn) => {
          for (const index of indexes) this.#selection.showSymbol(index, isOn)
        }),
      )
    }
    return element('fieldset', {}, element('legend', {}, 'Symbols'), ...chips)
  }

  #beginDay(day: string): void {
    if (this.#dayHeads.has(day)) return
    const head = element('li', { class: 'day' }, day)
    this.#dayHeads.set(day, head)
    this.#list.append(head)
  }

  #row(event: PageEvent): HTMLButtonElement {
    const { symbol } = this.#instruments[event.symbol]!
    const alive = durationText(endedMs(event, this.#page.lastMs) - beganMs(event))
    return element(
      'button',
      {
        type: 'button',
        style: `--type-color: var(--${this.#theme.typeColorName(event.type)})`,
        'data-event': event.id,
      },
      element('span', { class: 'time' }, clockText(beganMs(event))),
      element('span', { class: 'what' }, element('b', {}, symbol), ` ${nameText(event.type)}`),
      element('span', { class: `side ${event.side}` }, event.side === 'long' ? '▲ long' : '▼ short'),
      element('span', { class: 'score' }, numberText(event.score, 2)),
      element('span', { class: 'end' }, `${endMark(event)} ${endText(event)} ${alive}`),
      moveElement(event, 'number'),
    )
  }

  #follow(): void {
    const shown = new Set(this.#selection.shown())
    for (const [event, button] of this.#buttons) {
      button.parentElement!.hidden = !shown.has(event)
      const isSelected = event === this.#selection.selected
      button.setAttribute('aria-current', String(isSelected))
    }
    const shownDays = new Set([...shown].map((event) => dayText(beganMs(event))))
    for (const [day, head] of this.#dayHeads) head.hidden = !shownDays.has(day)
    const all = this.#page.events.length
    this.#count.textContent = shown.size === all ? String(all) : `${shown.size} of ${all}`
  }

  /** Arrow keys walk from event to event. */
  #walk(key: KeyboardEvent): void {
    const step = key.key === 'ArrowDown' ? 1 : key.key === 'ArrowUp' ? -1 : 0
    if (step === 0) return
    const rows = this.#selection.shown().map((event) => this.#buttons.get(event)!)
    const next = rows[rows.indexOf(document.activeElement as HTMLButtonElement) + step]
    if (next === undefined) return
    key.preventDefault()
    next.focus()
    next.click()
  }
}

function chip(label: readonly (Node | string)[], count: number, onSwitch: (isOn: boolean) => void): HTMLElement {
  const input = element('input', { type: 'checkbox', checked: '' })
  input.addEventListener('change', () => onSwitch(input.checked))
  return element('label', { class: 'chip' }, input, ...label, element('span', { class: 'count' }, String(count)))
}
