// A program that does nothing but start a live engine on threads, and end it: what is left of its event loop must carry it to its end.
import { monotonicNs } from '../../../dist/base/clock.js'
import { parseConfig } from '../../../dist/config.js'
import { instrumentOf } from '../../../dist/domain/instrument.js'
import { Timeline } from '../../../dist/domain/units.js'
import { Engine } from '../../../dist/engine.js'

const engine = new Engine({
  config: parseConfig({ text: '{"symbols":["BTC"]}', name: 'bare' }, null),
  ...{ instruments: [instrumentOf('BTC')], timeline: new Timeline(0), backend: 'auto', journal: null },
  ...{ monotonicNs, mode: 'live', topology: process.argv[2], report: (line) => process.stdout.write(`${line}\n`) },
})
await engine.start()
process.stdout.write('started\n')
engine.stop()
engine.close()
process.stdout.write('closed\n')
