/**
 * A process of its own that plays recordings without end. Argument: `{files, timeScale, fromUnixMs, loopFromUnixMs}`. Its first line is
 * the address; SIGTERM, or the end of its standard input, ends it.
 */
import { monotonicNs } from '../../../dist/base/clock.js'
import { startPlaybackServer } from '../../../dist/stages/feed/playback/server.js'

const server = await startPlaybackServer({
  ...JSON.parse(process.argv[2]),
  loops: Number.POSITIVE_INFINITY,
  clock: monotonicNs,
})
process.stdout.write(`${server.url}\n`)
const stop = () => server.stop().then(() => process.exit(0))
process.on('SIGTERM', stop)
process.stdin.on('end', stop).resume()
await server.finished
