/** README's section on channels: its two files run as they stand there. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../support/command.ts'

it('readme: the channel’s example sends a thousand records to a worker, which adds them up', () => {
  const section = readFileSync(join(root, 'README.md'), 'utf8').split('### Channels\n')[1]!
  // Below the package's root the package may import itself by its name, as its users do.
  mkdirSync(join(root, 'build'), { recursive: true })
  const folder = mkdtempSync(join(root, 'build', 'readme-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [, code] of section.matchAll(/```js\n([\s\S]*?)```/g)) {
    writeFileSync(join(folder, /^\/\/ (\S+\.js)/.exec(code!)![1]!), code!)
  }
  const run = spawnSync(process.execPath, [join(folder, 'main.js')], { encoding: 'utf8', timeout: 60_000 })
  expect(run.stderr).toBe('')
  expect(run.stdout.trim()).toBe(/console\.log\(lots\) \/\/ (\d+)/.exec(section)![1])
})
