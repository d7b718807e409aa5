/**
 * Standard output or standard error that cannot be written: whoever read it has gone (`| head`), or its disk is full. A run that knows
 * how to drain does so, positions and journal included; installed once, by `main.ts`.
 */
import { Interrupt } from './interrupt.ts'

export function watchOutputs(): void {
  process.stdout.on('error', onOutputError)
  process.stderr.on('error', onNoticesError)
}

let isTold = false

/** The results are lost: nothing is left to be said to anybody, and with `EPIPE` that is as it was wanted. */
function onOutputError(error: NodeJS.ErrnoException): void {
  const isUnread = error.code === 'EPIPE'
  if (!isUnread && !isTold) {
    isTold = true
    process.exitCode = 1
    process.stderr.write(`signalbox: standard output cannot be written (${error.code})\n`)
  }
  if (!Interrupt.drain({ isResultLost: true })) process.exit(isTold ? 1 : 0)
}

/** The results are not lost: what has nothing to drain goes on to them, and keeps its exit code. */
function onNoticesError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') process.exitCode = 1
  Interrupt.drain({ isResultLost: false })
}
