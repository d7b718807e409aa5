/** The README's code runs as it stands there: the examples of embedding and of channels, their workers included, and a scorer of one's own. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../support/command.ts'

const [embedding, channels, severalChannels] = readFileSync(join(root, 'README.md'), 'utf8').split(
  /### Channels\n|#### Several channels at once\n/,
) as [string, string, string]
const blocksOf = (language: string, text: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1]!)

/** Below the package's root the package may import itself by its name, as its users do. */
function packageFolder(): string {
  mkdirSync(join(root, 'build'), { recursive: true })
  const folder = mkdtempSync(join(root, 'build', 'readme-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes the section's blocks that begin with their name as files, which have to be these, and runs `main.js`. */
function runFiles(section: string, names: readonly string[]) {
  const files = blocksOf('js', section).flatMap((text) => {
    const name = /^\/\/ (\w+\.js)\b/.exec(text)?.[1]
    return name === undefined ? [] : [{ name, text }]
  })
  expect(files.map(({ name }) => name)).toEqual(names)
  const folder = packageFolder()
  for (const { name, text } of files) writeFileSync(join(folder, name), text)
  return spawnSync(process.execPath, [join(folder, 'main.js')], { encoding: 'utf8', timeout: 60_000 })
}

function toJs(code: string): string {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  return ts.transpileModule(code, { compilerOptions }).outputText
}

it('readme: the scorer’s example gives the score that stands beside it', () => {
  const [scorer, ...others] = blocksOf('ts', embedding)
  expect(others).toEqual([])
  const folder = packageFolder()
  writeFileSync(join(folder, 'scorer.js'), `${toJs(scorer!)}\nconsole.log(decision.baseScore[decision.winner])`)
  const run = spawnSync(process.execPath, [join(folder, 'scorer.js')], { encoding: 'utf8', timeout: 60_000 })
  expect(run.stderr).toBe('')
  const stated = Number(/decision\.winner\] \/\/ ([\d.]+)/.exec(scorer!)![1])
  expect(Number(run.stdout)).toBeCloseTo(stated, 9)
})

it('readme: the embedding example, as it stands there, lets one of two strategies in workers have the capital', () => {
  const run = runFiles(embedding, ['schema.js', 'main.js', 'strategy.js'])
  expect(run.stderr).toBe('')
  expect(run.stdout).toMatch(/^strategy (one|two) got 5,000\.00 for BTC at 66000\n$/)
})

it('readme: the channel’s example sends a thousand records to a worker, which adds them up', () => {
  const run = runFiles(channels, ['main.js', 'fills.js'])
  expect(run.stderr).toBe('')
  expect(run.stdout.trim()).toBe(/console\.log\(lots\) \/\/ (\d+)/.exec(channels)![1])
})

it('readme: a worker that waits for any of two channels adds up the one and has the latest of the other', () => {
  const run = runFiles(severalChannels, ['main.js', 'desk.js'])
  expect(run.stderr).toBe('')
  expect(run.stdout.trim()).toBe(/console\.log\(lots, ticks\) \/\/ ([\d ]+)/.exec(severalChannels)![1])
})
