/** The README's code runs as it stands there: the embedding example, its worker included, and a scorer of one's own. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../support/command.ts'

const blocks = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
  (match) => match[1]!,
)

/** Below the package's root the package may import itself by its name, as its users do. */
function packageFolder(): string {
  mkdirSync(join(root, 'build'), { recursive: true })
  const folder = mkdtempSync(join(root, 'build', 'readme-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function toJs(code: string): string {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  return ts.transpileModule(code, { compilerOptions }).outputText
}

it('readme: the scorer’s example gives the score that stands beside it', () => {
  expect(blocks).toHaveLength(3)
  const folder = packageFolder()
  writeFileSync(join(folder, 'scorer.js'), `${toJs(blocks[2]!)}\nconsole.log(decision.baseScore[decision.winner])`)
  const run = spawnSync(process.execPath, [join(folder, 'scorer.js')], { encoding: 'utf8', timeout: 60_000 })
  expect(run.stderr).toBe('')
  const stated = Number(/decision\.winner\] \/\/ ([\d.]+)/.exec(blocks[2]!)![1])
  expect(Number(run.stdout)).toBeCloseTo(stated, 9)
})

it('readme: the embedding example publishes, registers, and lets one of two strategies in workers reserve', () => {
  expect(blocks).toHaveLength(3)
  const folder = packageFolder()
  writeFileSync(join(folder, 'strategy.js'), toJs(blocks[1]!))
  writeFileSync(
    join(folder, 'main.js'),
    `${toJs(blocks[0]!).replace("new Worker('./strategy.js'", "new Worker(new URL('./strategy.js', import.meta.url)")}
let running = workers.length
for (const worker of workers) worker.on('exit', () => {
  running -= 1
  if (running === 0) console.log(JSON.stringify(region.reservations.positions().map((slot) => [slot.state, slot.capitalMinor])))
})`,
  )
  const run = spawnSync(process.execPath, [join(folder, 'main.js')], { encoding: 'utf8', timeout: 60_000 })
  expect(run.stderr).toBe('')
  // One submitted for 5,000.00, and, having been submitted, still there when both have ended.
  expect(run.stdout.trim()).toBe('[[2,500000]]')
})
