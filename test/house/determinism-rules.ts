/**
 * Nothing but base/clock.ts reads a clock and nothing but base/random.ts draws a number (DESIGN "Time, order, determinism"): what
 * a run does depends on its input alone. Timers are allowed; `new Date(x)` and `Date.UTC` only convert.
 */
import type { FileMap } from './repository.ts'
import { nodesOf, parse, placeOf, ts } from './syntax.ts'

const clockFile = 'src/base/clock.ts'
const randomFile = 'src/base/random.ts'

const drawing = /^(random(Bytes|UUID|Int|Fill|FillSync)|getRandomValues)$/
const converting = new Set(['UTC', 'parse', 'prototype'])

/** What a node reads, or null. Names are judged wherever they stand, so that no alias or destructuring hides one. */
function read(node: ts.Node): 'a clock' | 'a random number' | null {
  if (!ts.isIdentifier(node)) return null
  const { parent, text } = node
  const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node
  if (text === 'hrtime') return 'a clock'
  if (drawing.test(text)) return 'a random number'
  if (isMember) {
    if (text === 'random' && parent.expression.getText() === 'Math') return 'a random number'
    if (text === 'uptime' && parent.expression.getText() === 'process') return 'a clock'
    return text === 'performance' && parent.expression.getText() === 'globalThis' ? 'a clock' : null
  }
  const isKey = ts.isPropertyAssignment(parent) && parent.name === node
  const isType = ts.isTypeReferenceNode(parent) || ts.isPropertySignature(parent)
  if (isKey || isType) return null
  if (text === 'performance') return 'a clock'
  const member = ts.isPropertyAccessExpression(parent) ? parent.name.text : null
  if (text === 'Math' && member === null) return 'a random number'
  if (text !== 'Date' || (member !== null && converting.has(member))) return null
  const isConversion = ts.isNewExpression(parent) && (parent.arguments?.length ?? 0) > 0
  const isTest = ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword
  return isConversion || isTest ? null : 'a clock'
}

/** Every place in src/** that reads a clock or draws a number and may not. */
export function determinismFaults(files: FileMap): string[] {
  const faults: string[] = []
  for (const [path, text] of files) {
    const file = parse(path, text)
    for (const node of nodesOf(file)) {
      const what = read(node)
      if (what === null || path === (what === 'a clock' ? clockFile : randomFile)) continue
      const allowed = what === 'a clock' ? clockFile : randomFile
      faults.push(`${placeOf(file, node)}: reads ${what} (${node.parent.getText(file)}); only ${allowed} does`)
    }
  }
  return faults
}

const nativeClock =
  /\b(std::chrono|clock_gettime|gettimeofday|clock\(\)|time\((NULL|nullptr)\)|__?rdtsc|s?rand\(|random_device|mt19937)/

/** Every line of native/**, its tests apart, that reads a clock or draws a number: the binding gets both as numbers. */
export function nativeDeterminismFaults(files: FileMap): string[] {
  const faults: string[] = []
  for (const [path, text] of files) {
    if (path.startsWith('native/test/')) continue
    for (const [index, line] of text.split('\n').entries()) {
      const met = nativeClock.exec(line.replace(/\/\/.*/, ''))
      if (met !== null) faults.push(`${path}:${index + 1}: reads a clock or draws a number (${met[0]})`)
    }
  }
  return faults
}
