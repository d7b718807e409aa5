/** The README's code runs as it stands there: the embedding example, its worker included. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../support/command.ts'

it('readme: the embedding example publishes, registers, and lets a strategy in a worker reserve', () => {
  const blocks = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
    (match) => match[1]!,
  )
  expect(blocks).toHaveLength(2)
  // Below the package's root the package may import itself by its name, as its users do.
  mkdirSync(join(root, 'build'), { recursive: true })
  const folder = mkdtempSync(join(root, 'build', 'readme-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const toJs = (code: string): string =>
    ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } })
      .outputText
  writeFileSync(
    join(folder, 'strategy.js'),
    `import { parentPort } from 'node:worker_threads'
${toJs(blocks[1]!)}
parentPort.postMessage(region.reservations.positions().map((slot) => [slot.state, slot.capitalMinor]))`,
  )
  writeFileSync(
    join(folder, 'main.js'),
    `${toJs(blocks[0]!).replace("new Worker('./strategy.js'", "new Worker(new URL('./strategy.js', import.meta.url)")}
worker.on('message', (positions) => console.log(JSON.stringify(positions)))
worker.on('exit', () => console.log(JSON.stringify(region.reservations.positions().length)))`,
  )
  const run = spawnSync(process.execPath, [join(folder, 'main.js')], { encoding: 'utf8', timeout: 60_000 })
  expect(run.stderr).toBe('')
  // Submitted for 5,000.00, and, having been submitted, still there when the worker has ended.
  expect(run.stdout.trim().split('\n')).toEqual(['[[2,500000]]', '1'])
})
