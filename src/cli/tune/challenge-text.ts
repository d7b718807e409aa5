/** How a comparison of two weight sets stands, as text and as JSON. Pure. */
import type { Challenge } from '../../domain/challenge.ts'
import { weightsJson } from '../../domain/policy-json.ts'
import { shown, shownOrNull } from '../../learn/shown-number.ts'
import type { Duel, DuelSide } from '../../learn/tuning/duel.ts'
import { policyPercents } from '../../learn/tuning/tuning-request.ts'
import { countText, unitsText } from '../explain/figures.ts'
import type { Page } from '../explain/page.ts'
import { headed, table } from '../report/table-text.ts'
import { percent, signedMoney } from './gate-texts.ts'
import { shortWeights } from './weight-bars.ts'

/** A comparison that goes on, and how it stands. */
export interface Standing {
  readonly challenge: Challenge
  readonly duel: Duel
}

export function writeChallenge(page: Page, { challenge, duel }: Standing): void {
  const [title, what] =
    challenge.kind === 'shadow'
      ? ['CHALLENGER', 'decides the same candidates in shadow']
      : [
          'WATCH',
          'the weights that the set in force leads to, beside those before it; it is given up when its advantage has gone',
        ]
  headed(page, title, what)
  const row = (name: string, weights: Challenge['champion'], side: DuelSide): string[] => [
    name,
    shortWeights(policyPercents(weights)),
    unitsText(side.totalPnl),
    side.winRate === null ? '' : percent(side.winRate),
    unitsText(side.opportunityCost),
  ]
  table(page, {
    heads: ['', 'weights', 'total', 'win rate', 'missed'],
    rows: [
      row(challenge.kind === 'shadow' ? 'champion' : 'before', challenge.champion, duel.champion),
      row(challenge.kind === 'shadow' ? 'challenger' : 'led to', challenge.challenger, duel.challenger),
    ],
  })
  const gain = signedMoney(duel.challenger.totalPnl - duel.champion.totalPnl)
  const said = `${gain} over ${countText(duel.arbitrations, 'arbitration')} since ${challenge.at}, ${countText(duel.changed, 'choice')} changed`
  page.words(
    `${said}: p ${Number(duel.p.toPrecision(2))}, evidence against it ${Number(duel.against.toPrecision(2))}.`,
    2,
  )
}

export function standingJson({ challenge, duel }: Standing): Readonly<Record<string, unknown>> {
  return {
    kind: challenge.kind,
    at: challenge.at,
    arbitrations: duel.arbitrations,
    changed: duel.changed,
    champion: sideJson(challenge.champion, duel.champion),
    challenger: sideJson(challenge.challenger, duel.challenger),
    p: shown(duel.p),
    against: shown(duel.against),
    verdict: duel.verdict,
  }
}

function sideJson(weights: Challenge['champion'], side: DuelSide): Readonly<Record<string, unknown>> {
  return {
    weights: weightsJson(weights),
    total_pnl: shown(side.totalPnl),
    win_rate: shownOrNull(side.winRate),
    opportunity_cost: shown(side.opportunityCost),
  }
}
