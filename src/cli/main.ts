#!/usr/bin/env node
/** The command line: assembles the commands and turns what they throw into one line and an exit code (CONTRACTS). */
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { messageOf, SignalboxError } from '../base/errors.ts'
import { arbitrateCommand } from './arbitrate.ts'
import { watchOutputs } from './broken-output.ts'
import { demoCommand } from './demo.ts'
import { detectCommand } from './detect.ts'
import { doctorCommand } from './doctor.ts'
import { explainCommand } from './explain.ts'
import { queryCommand } from './query.ts'
import { replayCommand } from './replay.ts'
import { reportCommand } from './report.ts'
import { runCommand } from './run.ts'
import { tuneCommand } from './tune.ts'

const require = createRequire(import.meta.url)
const { version } = require('../../package.json') as { version: string }

const program = new Command('signalbox')
  .description('Decides which of several simultaneous trading events gets the capital.')
  .version(version)
  .addHelpText('after', '\nExample:\n  $ signalbox replay samples/*.jsonl.gz --journal out')
const commands = [
  runCommand(),
  replayCommand(),
  arbitrateCommand(),
  detectCommand(),
  explainCommand(),
  reportCommand(),
  tuneCommand(),
  queryCommand(),
  doctorCommand(),
  demoCommand(),
]
for (const command of commands) program.addCommand(command)
for (const command of [program, ...program.commands])
  command.exitOverride().configureOutput({ outputError: () => undefined })

/** 2: the call or its input is wrong; 1: it ran and failed. */
function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
  if (thrown instanceof SignalboxError)
    return thrown.code === 'ERR_INPUT' || thrown.code === 'ERR_INVALID_ARGUMENT' ? 2 : 1
  return 1
}

watchOutputs()

try {
  await program.parseAsync(process.argv)
} catch (thrown) {
  const exitCode = exitCodeOf(thrown)
  // Without a command, commander has printed the help already.
  const isHelp = thrown instanceof CommanderError && thrown.code === 'commander.help'
  if (exitCode !== 0 && !isHelp) {
    const message = messageOf(thrown).replace(/^error: /, '')
    process.stderr.write(`signalbox: ${message.split('\n')[0]}\n`)
  }
  process.exitCode = exitCode
}
