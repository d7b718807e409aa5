/** What both ends of `port-pipeline.mjs` share: how stages are built there, and how their messages go through ports. */
import { monotonicNs } from '../../dist/base/clock.js'
import { decisionHeader } from '../../dist/domain/decision-record.js'
import { routes, stageIndex } from '../../dist/pipeline/topology.js'
import { config, instruments, timeline } from './market.mjs'

export function stageContext(region, strategies, detectors) {
  return {
    ...{ config, instruments, timeline, region, monotonicNs, strategies, detectors, mode: 'live' },
    ...{ leftToWorkers: [], stateAgeMs: () => 0, tradingState: () => 'ACTIVE', scorer: null },
    ...{ onScorerFault: () => undefined, journal: null, tracking: null, firstSequence: 1, report: () => undefined },
    decisionLatency: region.histogram('decision'),
  }
}

/** A decision without what cannot be cloned. */
const bare = ({ kind, record, length, atNs, idlePots, members }) => ({
  ...{ kind, length, atNs, idlePots, members },
  // Of its own: of a view all that it looks at is cloned.
  record: record.slice(0, length),
})

function cloneable(message) {
  if (message.kind === 'decision') return bare(message)
  if (message.kind === 'reserved') return { ...message, decision: bare(message.decision) }
  if (message.kind === 'failed') return { ...message, error: undefined }
  return message
}

export function openPorts({ plan, thread, ports, stages, latency, StageHost, onFlushed }) {
  const threadOf = (name) => plan.findIndex((names) => names.includes(name))
  const hearers = Object.fromEntries(
    Object.entries(routes).map(([kind, names]) => [
      kind,
      [...new Set(names.map(threadOf))].filter((other) => other !== thread && other >= 0),
    ]),
  )
  const pending = new Map()
  const hasArbitration = stages.arbitration !== undefined
  const host = new StageHost(stages, {
    latency,
    sendAway: (message, intendedNs) => {
      if (message.kind === 'decision') pending.set(message.record[decisionHeader.sequence], message)
      const sent = { message: cloneable(message), intendedNs }
      for (const other of hearers[message.kind]) ports[other].postMessage(sent)
    },
  })
  const take = (port, received) => {
    if (received.flush === true) {
      port.postMessage({ flushed: true })
      return
    }
    if (received.flushed === true) {
      onFlushed()
      return
    }
    const { record, message, intendedNs } = received
    if (record !== undefined) host.show(stageIndex.state, record, received.isHeard, intendedNs)
    else if (message.kind === 'reserved' && hasArbitration) {
      const sequence = message.decision.record[decisionHeader.sequence]
      host.deliver({ ...message, decision: pending.get(sequence) }, intendedNs)
      pending.delete(sequence)
    } else host.deliver(message, intendedNs)
    host.settle()
  }
  for (const port of ports) port?.on('message', (received) => take(port, received))
  return {
    host,
    close: () => {
      for (const port of ports) port?.close()
    },
  }
}
