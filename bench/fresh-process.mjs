/**
 * Runs cases in processes of their own: what the compiler made of a case in one process, and where its memory fell, is luck that the
 * next process does not share. The spread over them tells how much.
 */
import { spawn, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { rowOf } from './statistics.mjs'

const caseFile = fileURLToPath(new URL('./case.mjs', import.meta.url))
export const runsOf = { full: 5, quick: 2 }

/** The last core: the first one serves interrupts on most machines. Null where nothing can pin. */
const pinning =
  spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0
    ? ['taskset', '-c', String(availableParallelism() - 1)]
    : null

/** The rows of a suite's case over fresh processes, one process after the other. */
export async function rowsOfCase(suite, { file, argument, nodeOptions = [], isPinned = false }, isQuick, report) {
  const runs = []
  const count = isQuick ? runsOf.quick : runsOf.full
  if (isPinned && pinning === null) report(`${suite}: there is no taskset; the process is not held to one core`)
  for (let run = 0; run < count; run++) {
    report(`${suite} ${file} ${argument}: process ${run + 1} of ${count}`)
    const node = [process.execPath, ...nodeOptions, caseFile, JSON.stringify([`./${file}`, argument, isQuick, run])]
    runs.push(JSON.parse(await outputOf(isPinned && pinning !== null ? [...pinning, ...node] : node)))
    if (runs[0].length > 0) continue
    report(`${suite} ${file} ${argument}: left out, its recordings are not beside the repository`)
    return []
  }
  // Each process names the same rows in the same order.
  return runs[0].map((_, index) =>
    rowOf(
      suite,
      runs.map((rows) => rows[index]),
    ),
  )
}

function outputOf([command, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(output)
      else reject(new Error(`${args.at(-1)} ended with ${code}:\n${said}`))
    })
  })
}
