/** The whole engine over recordings with the current weights and with those that were found (ERRATA E27). Deterministic. */
import type { EngineConfig } from '../../config.ts'
import { policyWeightsOf } from '../../learn/tuning/next-weights.ts'
import type { Tuned } from '../../learn/tuning/tuning.ts'
import type { WholeWeights } from '../../learn/tuning/weight-lattice.ts'
import { openRecordings } from '../../stages/feed/recorded-feed.ts'
import { runRecorded } from '../recorded-run.ts'
import { noRecord, recordingChoiceOf, requireSymbols } from '../recording-options.ts'
import type { Watch } from '../watched.ts'
import type { Replayed, ReplayFigures } from './tune-result.ts'

/**
 * Null: interrupted.
 *
 * @throws {SignalboxError} as `signalbox replay`.
 */
export async function replayBoth(
  watch: Watch,
  files: readonly string[],
  config: EngineConfig,
  { current, search }: Tuned,
): Promise<Replayed | null> {
  const currentFigures = await replayWith(watch, files, config, current, 'current weights: ')
  if (currentFigures === null) return null
  const found = await replayWith(watch, files, config, search.weights, 'found weights: ')
  return found === null ? null : { files: files.length, current: currentFigures, found }
}

/** @param percents - The weights. */
async function replayWith(
  { interrupt, say }: Watch,
  files: readonly string[],
  config: EngineConfig,
  percents: WholeWeights,
  label: string,
): Promise<ReplayFigures | null> {
  const [priority, freshness, alignment, expected] = percents
  const shares: WholeWeights = [priority / 100, freshness / 100, alignment / 100, expected / 100]
  const weighted = { ...config, policy: { ...config.policy, weights: policyWeightsOf(shares) } }
  const choice = recordingChoiceOf(files, {}, weighted)
  const feed = await openRecordings(files, choice.feed)
  try {
    await requireSymbols(feed, 'tune')
    const summary = await runRecorded({
      ...{ config: weighted, feed, choice, backend: 'auto', topology: 'inline', speed: Number.POSITIVE_INFINITY },
      ...{ journal: null, interrupt, label, report: say },
    })
    if (interrupt.isRequested) return null
    if (summary.records === 0) throw noRecord('tune')
    const { decisions, selected, trades, pnl, fees, funding, equity, sharpe } = summary
    return { weights: shares, decisions, selected, trades, pnl, fees, funding, equity, sharpe }
  } finally {
    await feed.close()
  }
}
