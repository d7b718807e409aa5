/** What does not pass review here, as functions of file texts (STYLE). */
import type { FileMap } from './repository.ts'
import { nodesOf, parse, placeOf, ts } from './syntax.ts'

export const linesMax = 400

/** Files over {@link linesMax}: how long each may be, and why it is one file all the same. */
export const longFiles: Readonly<Record<string, { readonly lines: number; readonly reason: string }>> = {}

/** Files longer than they may be, and entries of the list that nobody needs any more. */
export function lengthFaults(files: FileMap, allowed: typeof longFiles): string[] {
  const faults: string[] = []
  for (const [path, text] of files) {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
    const most = allowed[path]?.lines ?? linesMax
    if (lines > most) faults.push(`${path}: ${lines} lines, at most ${most}`)
    if (path in allowed && lines <= linesMax) faults.push(`${path}: ${lines} lines; take it off the list of long files`)
  }
  for (const path of Object.keys(allowed))
    if (!files.has(path)) faults.push(`${path}: on the list of long files, but gone`)
  return faults
}

const suppression = /@ts-(ignore|expect-error|nocheck)\b/

/** `any` as a type, and comments that silence the compiler. */
export function typeEscapes(files: FileMap): string[] {
  const faults: string[] = []
  for (const [path, text] of files) {
    const file = parse(path, text)
    for (const node of nodesOf(file)) {
      if (node.kind === ts.SyntaxKind.AnyKeyword) faults.push(`${placeOf(file, node)}: any`)
    }
    faults.push(...linesWith(path, text, suppression))
  }
  return faults
}

function linesWith(path: string, text: string, pattern: RegExp): string[] {
  return text.split('\n').flatMap((line, index) => {
    const met = pattern.exec(line)
    return met === null ? [] : [`${path}:${index + 1}: ${met[0].trim()}`]
  })
}

const unfinished = /\b(TODO|FIXME|XXX|HACK)\b/ // house: the words themselves
const machineFolders = ['work', 'root', 'home', 'Users', 'tmp', 'private', 'mnt', 'opt'].join('|')
const machinePath = new RegExp(`(?<![\\w.~})\\]*])/(${machineFolders})/[\\w.]|\\b[A-Z]:\\\\\\\\?Users\\b`)

/** Notes of unfinished work. */
export function unfinishedFaults(files: FileMap): string[] {
  return [...files].flatMap(([path, text]) => linesWith(path, text, unfinished))
}

/** Absolute paths of somebody's machine. */
export function machinePathFaults(files: FileMap): string[] {
  return [...files].flatMap(([path, text]) => linesWith(path, text, machinePath))
}

const leavesOut = new Set(['skip', 'skipIf', 'runIf', 'only', 'todo', 'fails'])
const leavingOut = new Set(['xit', 'xtest', 'xdescribe', 'fit', 'fdescribe'])
const testFunctions = new Set(['describe', 'test', 'it', 'suite', 'bench', 'context', 'ctx', 'task', 't'])

function rootOf(node: ts.Expression): string {
  let inner = node
  while (ts.isPropertyAccessExpression(inner) || ts.isCallExpression(inner)) inner = inner.expression
  return inner.getText()
}

/** Tests that are left out, that leave others out, or that are meant to fail. */
export function leftOutTests(files: FileMap): string[] {
  const faults: string[] = []
  for (const [path, text] of files) {
    const file = parse(path, text)
    for (const node of nodesOf(file)) {
      const isModifier =
        ts.isPropertyAccessExpression(node) &&
        leavesOut.has(node.name.text) &&
        testFunctions.has(rootOf(node.expression))
      const isFunction =
        ts.isCallExpression(node) && ts.isIdentifier(node.expression) && leavingOut.has(node.expression.text)
      const isOption =
        ts.isPropertyAssignment(node) &&
        leavesOut.has(node.name.getText(file)) &&
        ts.isCallExpression(node.parent.parent) &&
        testFunctions.has(rootOf(node.parent.parent.expression))
      if (isModifier || isFunction || isOption) faults.push(`${placeOf(file, node)}: ${node.getText(file)}`)
    }
  }
  return faults
}
