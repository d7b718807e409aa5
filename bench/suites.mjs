/**
 * The suites and their cases. A case is what one fresh process measures: a file whose `measure` returns rows, so that nothing but
 * what its rows are about was compiled and warmed in that process.
 */
const heapOptions = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128']

export const suites = {
  arbiter: [
    { file: 'arbiter/decision.mjs', argument: 3 },
    { file: 'arbiter/decision.mjs', argument: 100 },
    { file: 'arbiter/throughput.mjs', argument: 'record' },
    { file: 'arbiter/throughput.mjs', argument: 'reservation' },
    { file: 'arbiter/allocation.mjs', argument: 8, nodeOptions: heapOptions },
    { file: 'arbiter/journal.mjs', argument: 'saturated' },
    { file: 'arbiter/journal.mjs', argument: 'paced' },
  ],
  counterfactual: [
    { file: 'counterfactual/hot-path.mjs', argument: null },
    { file: 'counterfactual/report.mjs', argument: 'read' },
    { file: 'counterfactual/report.mjs', argument: 'million' },
    { file: 'counterfactual/search.mjs', argument: 'grid random', isPinned: true },
    { file: 'counterfactual/search.mjs', argument: 'grid crossing', isPinned: true },
    { file: 'counterfactual/search.mjs', argument: 'simplex random', isPinned: true },
    { file: 'counterfactual/search.mjs', argument: 'simplex crossing', isPinned: true },
  ],
  evidence: [
    { file: 'evidence/null.mjs', argument: null },
    { file: 'evidence/planted.mjs', argument: 'normal' },
    { file: 'evidence/planted.mjs', argument: 'heavy tails' },
    { file: 'evidence/planted.mjs', argument: 'autocorrelated' },
    { file: 'evidence/planted.mjs', argument: 'heavy tails, autocorrelated' },
    { file: 'evidence/few.mjs', argument: 100 },
    { file: 'evidence/duel.mjs', argument: 'flip' },
    { file: 'evidence/duel.mjs', argument: 'null' },
  ],
  pipeline: [
    { file: 'pipeline/hop.mjs', argument: 'spinning' },
    { file: 'pipeline/hop.mjs', argument: 'parked' },
    { file: 'pipeline/hop.mjs', argument: 'event loop' },
    { file: 'pipeline/flood.mjs', argument: 'MessagePort' },
    { file: 'pipeline/flood.mjs', argument: 'capacity 10' },
    { file: 'pipeline/flood.mjs', argument: '4 senders' },
    { file: 'pipeline/flood.mjs', argument: 'drop-oldest' },
    { file: 'pipeline/flood.mjs', argument: 'conflate' },
    { file: 'pipeline/flood.mjs', argument: 'numbersCodec' },
    { file: 'pipeline/codec.mjs', argument: 16 },
    { file: 'pipeline/way.mjs', argument: 'compact' },
    { file: 'pipeline/way.mjs', argument: 'spread' },
    { file: 'pipeline/way.mjs', argument: 'throughput' },
    { file: 'pipeline/stress.mjs', argument: 'compact' },
  ],
  region: [
    { file: 'region/snapshot.mjs', argument: 'floor' },
    { file: 'region/snapshot.mjs', argument: 1_024 },
    { file: 'region/snapshot.mjs', argument: 4_096 },
    { file: 'region/get.mjs', argument: 'handle' },
    { file: 'region/get.mjs', argument: 'id' },
    { file: 'region/register.mjs', argument: 0 },
    { file: 'region/register.mjs', argument: 3_800 },
    { file: 'region/scan.mjs', argument: 100 },
    { file: 'region/reserve.mjs', argument: 16 },
    { file: 'region/reserve.mjs', argument: 64 },
    { file: 'region/core.mjs', argument: 'c++' },
    { file: 'region/contention.mjs', argument: 'snapshot' },
    { file: 'region/contention.mjs', argument: 'ledger' },
  ],
  replay: [
    { file: 'replay/recordings.mjs', argument: 'trades', isPinned: true },
    { file: 'replay/recordings.mjs', argument: 'books', isPinned: true },
  ],
}

/** What a suite needs beside dist, by name. */
export const needsFloorAddon = new Set(['region'])
