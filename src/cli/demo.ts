/**
 * `signalbox demo` (what `npm start` runs): the sample in samples/ is played by a local WebSocket server in Hyperliquid's own
 * message format, at 60 × real time, into the live feed of the whole engine.
 */
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, Option } from 'commander'
import { systemClock } from '../base/clock.ts'
import { inputError, messageOf } from '../base/errors.ts'
import { startPlaybackServer } from '../stages/feed/playback/server.ts'
import { positiveOf, readConfig, topologyOf } from './command-input.ts'
import { runLive } from './run.ts'

interface DemoOptions {
  readonly timeScale: string
  readonly journal?: string
  readonly config?: string
  readonly policy?: string
  readonly backend: string
  readonly topology?: string
  readonly json?: boolean
  readonly loop?: boolean
}

const samplesFolder = fileURLToPath(new URL('../../samples/', import.meta.url))
/** What lies before warms the state up. */
const playFromUnixMs = Date.UTC(2026, 5, 17, 17, 57)
/** A fall that came every half hour would soon be nothing out of the ordinary: later loops are the whole sample. */
const loopFromUnixMs = Date.UTC(2026, 5, 17, 14, 0)

/** The command, for `main.ts` to add. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('play the recorded sample through the whole engine: no network, no configuration')
    .option('--time-scale <x>', 'event time ÷ real time', '60')
    .option('--journal <dir>', 'write the journal into this folder; default: a new one among the temporary files')
    .option('--config <file>', 'configuration (JSON)')
    .option('--policy <file>', "policy (JSON) that overrides the configuration's, key by key")
    .option('--backend <name>', 'auto, native or js', 'auto')
    .addOption(new Option('--loop', 'play the sample again and again until interrupted').conflicts('exit'))
    .option('--topology <name>', "threads of the stages: inline, compact or spread; the configuration's, else compact")
    .option('--exit', 'end after the sample: what it does anyway')
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('after', '\nExample:\n  $ signalbox demo --time-scale 120')
    .action(async (options: DemoOptions) => {
      const timeScale = positiveOf('--time-scale', options.timeScale, 10_000)
      const files = sampleFiles()
      const given = readConfig(options.config, options.policy)
      const server = await startPlaybackServer({
        files,
        timeScale,
        clock: systemClock.monotonicNs,
        fromUnixMs: playFromUnixMs,
        instruments: given.instruments,
        loops: options.loop === true ? Number.POSITIVE_INFINITY : 1,
        loopFromUnixMs,
      })
      // Its failure must not go unheard, and must not be heard before somebody waits.
      const playback = server.finished.catch((thrown: unknown) => thrown)
      try {
        await runLive({
          config: { ...given, feed: server.url, symbols: server.symbols },
          topology: options.topology === undefined ? given.pipeline.topology : topologyOf(options.topology),
          backend: options.backend,
          journalFolder: options.journal ?? mkdtempSync(join(tmpdir(), 'signalbox-demo-')),
          timeScale,
          warmup: files,
          warmupUntilUnixMs: playFromUnixMs,
          isJson: options.json === true,
          progress: () => server.progress(),
          endOnNormalClose: true,
        })
      } finally {
        await server.stop()
      }
      const failure = await playback
      if (failure !== undefined) throw failure
    })
}

function sampleFiles(): string[] {
  try {
    return readdirSync(samplesFolder)
      .filter((name) => name.endsWith('.jsonl.gz'))
      .map((name) => join(samplesFolder, name))
  } catch (thrown) {
    throw inputError(samplesFolder, `the sample cannot be read (${messageOf(thrown)})`)
  }
}
