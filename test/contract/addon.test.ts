/**
 * What JavaScript may do to the addon itself, below the region's own classes: end a thread while it loads, put setters where the addon
 * makes its objects, hand it pages of the wrong shape. Each in a process of its own where the whole process is at stake.
 */
import { expect, it } from 'vitest'
import { loadNative } from '../../src/region/backend/native.ts'
import { run } from '../support/run.ts'

/** The addon's path. Without the addon these tests fail: what is not there cannot be misused. */
function addonPath(): string {
  const { backend, attempts } = loadNative()
  if (backend === null) throw new Error(`the addon does not load: ${attempts.map(({ failure }) => failure).join('; ')}`)
  return backend.origin
}

const processTimeoutMs = 120_000

it(
  'addon: threads that are ended while they load it, at whatever instant, leave the process alone',
  async () => {
    // Each thread loads it again and again, so that most are ended within a load. The instants are drawn from a seed.
    const seed = Number(process.env.SIGNALBOX_SEED ?? 20_260_617)
    const script = `
      const { Worker } = require('node:worker_threads')
      const path = ${JSON.stringify(addonPath())}
      const code = \`
        const { parentPort, workerData } = require('node:worker_threads')
        parentPort.postMessage('loads')
        for (;;) {
          delete require.cache[workerData]
          require(workerData)
        }\`
      let state = ${seed}
      const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
      ;(async () => {
        for (let round = 0; round < 100; round += 1) {
          const worker = new Worker(code, { eval: true, workerData: path })
          await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
          const until = performance.now() + random() * 3
          while (performance.now() < until);
          await worker.terminate()
        }
        process.stdout.write('all ended')
      })()`
    const ended = await run(process.execPath, ['-e', script])
    expect(ended, `SIGNALBOX_SEED=${seed}`).toEqual({ status: 0, output: 'all ended' })
  },
  processTimeoutMs,
)
