/** The README's code runs as it stands there: the embedding example, its workers included, and a scorer of one's own. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../support/command.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocksOf = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1]!)

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
  const [scorer, ...others] = blocksOf('ts')
  expect(others).toEqual([])
  const folder = packageFolder()
  writeFileSync(join(folder, 'scorer.js'), `${toJs(scorer!)}\nconsole.log(decision.baseScore[decision.winner])`)
  const run = spawnSync(process.execPath, [join(folder, 'scorer.js')], { encoding: 'utf8', timeout: 60_000 })
  expect(run.stderr).toBe('')
  const stated = Number(/decision\.winner\] \/\/ ([\d.]+)/.exec(scorer!)![1])
  expect(Number(run.stdout)).toBeCloseTo(stated, 9)
})

it('readme: the embedding example, as it stands there, lets one of two strategies in workers have the capital', () => {
  const files = blocksOf('js').flatMap((text) => {
    const name = /^\/\/ (\w+\.js)\b/.exec(text)?.[1]
    return name === undefined ? [] : [{ name, text }]
  })
  expect(files.map(({ name }) => name)).toEqual(['schema.js', 'main.js', 'strategy.js'])
  const folder = packageFolder()
  for (const { name, text } of files) writeFileSync(join(folder, name), text)
  const run = spawnSync(process.execPath, [join(folder, 'main.js')], { encoding: 'utf8', timeout: 60_000 })
  expect(run.stderr).toBe('')
  expect(run.stdout).toMatch(/^strategy (one|two) got 5,000\.00 for BTC at 66000\n$/)
})
