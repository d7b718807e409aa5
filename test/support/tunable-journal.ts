/** Journals made up for `tune`: in one of them freshness is what pays and the weights look at the priority score, in the other nothing pays. */
import { Random } from '../../src/base/random.ts'
import {
  baseNs,
  type CandidateLine,
  candidateLine,
  type EntryLine,
  entryLine,
  type RejectedLine,
  rejectedLine,
  selectedLine,
} from './counterfactuals.ts'

const candidates = 4
const everyNs = 1_800_000_000_000n

/**
 * Arbitrations half an hour apart, four candidates each, of which the specification's weights chose the first.
 *
 * @param paying - How much more freshness earns; 0: outcomes are luck.
 */
export function tunableEntries(seed: number, count: number, paying: number): EntryLine[] {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, at) => {
    const drawn = Array.from({ length: candidates }, (__, index) => drawnCandidate(random, `e${at}_${index}`, paying))
    drawn.sort((one, other) => other.line.score - one.line.score)
    const [best, ...others] = drawn
    const selected = selectedLine(best!.line.event_id, best!.pnl, best!.line)
    const rejected = others.map(
      ({ line, pnl }): RejectedLine => rejectedLine(line.event_id, pnl, best!.pnl, { ...line, reason: 'lower_score' }),
    )
    return entryLine(at, [selected], rejected, {
      timestamp: baseNs + BigInt(at) * everyNs,
      regime: random.fraction() < 0.5 ? 'expansion' : 'sideways',
    })
  })
}

function drawnCandidate(random: Random, id: string, paying: number): { line: CandidateLine; pnl: number } {
  const percent = (): number => random.integer(0, 100) / 100
  const raw = {
    priority_score: percent(),
    freshness: percent(),
    regime_alignment: percent(),
    expected_value: percent(),
  }
  const score = 0.4 * raw.priority_score + 0.3 * raw.freshness + 0.2 * raw.regime_alignment + 0.1 * raw.expected_value
  const luck = random.integer(-3_000, 3_000)
  const pnl = Math.round(luck + paying * 10_000 * (raw.freshness - raw.priority_score)) / 100
  return { line: candidateLine(id, { raw, score }), pnl }
}
