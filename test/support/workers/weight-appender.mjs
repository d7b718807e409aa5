// Appends weight sets to a folder as fast as it can: `node weight-appender.mjs FOLDER COUNT NAME LOCKS`; runs the built package.
// Says `ready`, begins at the first byte that it is sent, and says then the versions that it was given. LOCKS `no`: the canary.
import fs from 'node:fs'
import { FolderLock } from '../../../dist/journal/folder-lock.js'
import { appendWeightSet, rollbackWeightSet } from '../../../dist/journal/weight-appender.js'

const [folder, count, name, locks] = process.argv.slice(2)
const base = { priorityScore: 0.4, freshness: 0.3, regimeAlignment: 0.2, expectedValue: 0.1 }
const at = '2026-06-17T18:00:00Z'
if (locks === 'no') {
  FolderLock.tryAcquire = () => Object.create(FolderLock.prototype, { release: { value: () => undefined } })
}
const given = []
fs.writeSync(1, 'ready\n')
fs.readSync(0, Buffer.alloc(1))
for (let index = 0; index < Number(count); index += 1) {
  try {
    const reason = `${name} ${index}`
    if (index % 4 === 3) given.push(rollbackWeightSet(folder, at).set?.version ?? 0)
    else given.push(appendWeightSet(folder, { weights: base, byRegime: {}, reason, at, base }).version)
  } catch (thrown) {
    // Without the lock a file that two wrote at once.
    if (locks !== 'no' || thrown.code !== 'ERR_INPUT') throw thrown
    given.push(-1)
  }
}
fs.writeSync(1, `${JSON.stringify(given)}\n`)
