/** Everything about one event in words: as the tip at the cursor, and in the side panel when it is selected. */
import type { PageChange, PageEvent, PageInstrument } from '../page-data.ts'
import { type Child, element } from './elements.ts'
import { beganMs, endedMs, endText } from './event-ends.ts'
import { moveElement } from './move.ts'
import {
  clockText,
  durationText,
  evidenceText,
  momentText,
  nameText,
  numberText,
  preciseClockText,
  signedText,
} from './texts.ts'
import type { Theme } from './theme.ts'

/** Numbers of the evidence beside the cursor; all are in the side panel. */
const shortEvidenceCount = 5

export class EventCards {
  readonly #instruments: readonly PageInstrument[]
  readonly #theme: Theme
  readonly #lastMs: number
  readonly #hasDays: boolean

  /** @param instruments - By the events' index. @param hasDays - The page is of more than one day. */
  constructor(instruments: readonly PageInstrument[], theme: Theme, lastMs: number, hasDays: boolean) {
    this.#instruments = instruments
    this.#theme = theme
    this.#lastMs = lastMs
    this.#hasDays = hasDays
  }

  /** `short`: what fits beside a cursor. */
  card(event: PageEvent, size: 'short' | 'full'): HTMLElement {
    const changes = event.changes.map((change) => this.#changeRow(event, change, size))
    const children: Child[] = [
      this.#heading(event),
      element(
        'dl',
        { class: 'facts' },
        ...fact('score', numberText(event.score, 2)),
        ...fact('price', this.#price(event, event.referenceTicks)),
        ...fact('target', this.#priceWithDistance(event, event.targetTicks)),
        ...fact('stop', this.#priceWithDistance(event, event.stopTicks)),
      ),
      size === 'full'
        ? element(
            'p',
            { class: 'why' },
            `reward ÷ risk ${numberText(event.rewardRisk, 2)}, win rate ${numberText(event.winRate, 2)} (prior), ` +
              `regime ${event.regime}, expires ${clockText(event.expiresAtMs)}`,
          )
        : null,
      element('h4', {}, 'What fired it'),
      evidenceList(event.changes[0]!.evidence, size === 'full' ? Number.POSITIVE_INFINITY : shortEvidenceCount),
      element('h4', {}, 'Lifecycle'),
      element('table', { class: 'lifecycle' }, element('tbody', {}, ...changes)),
      size === 'full' ? element('p', { class: 'event-id' }, event.id) : null,
    ]
    const color = `--type-color: var(--${this.#theme.typeColorName(event.type)})`
    return element('article', { class: `event-card ${size}`, style: color }, ...children)
  }

  #heading(event: PageEvent): HTMLElement {
    const { symbol } = this.#instruments[event.symbol]!
    const alive = durationText(endedMs(event, this.#lastMs) - beganMs(event))
    return element(
      'header',
      {},
      element(
        'h3',
        {},
        element('span', { class: `side ${event.side}` }, event.side === 'long' ? '▲' : '▼'),
        ` ${symbol} ${event.side} `,
        element('span', { class: 'type' }, nameText(event.type)),
      ),
      element(
        'p',
        {},
        `${momentText(beganMs(event), this.#hasDays)} UTC, ${endText(event)} after ${alive}, `,
        moveElement(event, 'sentence'),
      ),
    )
  }

  #changeRow(event: PageEvent, change: PageChange, size: 'short' | 'full'): HTMLElement {
    const sinceMs = change.atMs - beganMs(event)
    const how = change.cause === 'expiry' ? 'expired' : ''
    const evidence = change.state === 'TRIGGERED' || how !== '' ? [] : Object.entries(change.evidence)
    const text = evidence.map(([name, value]) => `${nameText(name)} ${evidenceText(value)}`).join(', ')
    return element(
      'tr',
      {},
      element('td', {}, preciseClockText(change.atMs)),
      element('td', {}, sinceMs === 0 ? '' : `+${durationText(sinceMs)}`),
      element(
        'td',
        {},
        element('b', {}, change.state.toLowerCase()),
        how === '' ? null : ` (${how})`,
        size === 'full' ? element('span', { class: 'why' }, ` ${this.#price(event, change.lastTicks)}`) : null,
        size === 'full' && text !== '' ? element('div', { class: 'why' }, text) : null,
      ),
    )
  }

  #price(event: PageEvent, ticks: number): string {
    const { priceDecimals } = this.#instruments[event.symbol]!
    return numberText(ticks / 10 ** priceDecimals, priceDecimals)
  }

  #priceWithDistance(event: PageEvent, ticks: number): string {
    return `${this.#price(event, ticks)} (${signedText((ticks / event.referenceTicks - 1) * 100, 2)} %)`
  }
}

function fact(name: string, value: string): HTMLElement[] {
  return [element('dt', {}, name), element('dd', {}, value)]
}

function evidenceList(evidence: PageChange['evidence'], countMax: number): HTMLElement {
  const all = Object.entries(evidence)
  const facts = all.slice(0, countMax).flatMap(([name, value]) => fact(nameText(name), evidenceText(value)))
  const left = all.length - countMax
  const more = left > 0 ? [element('dt', {}, `and ${left} more: click`)] : []
  return element('dl', { class: 'facts evidence' }, ...facts, ...more)
}
