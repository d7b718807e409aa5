/**
 * vitest's workers in an arm64 Node under qemu. vitest itself stays on the host, where its bundler is, and hands each test file over
 * compiled, as it does to its own forked workers: so a worker's side is JavaScript alone, and the suites are the same.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { PoolOptions, PoolRunnerInitializer, PoolWorker, WorkerRequest } from 'vitest/node'
import { arm64Node } from './arm64-node.ts'

/** With the C and C++ libraries of arm64, which the cross compiler's packages bring. */
const emulator = ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'] as const

class Arm64Worker implements PoolWorker {
  readonly name = 'arm64'
  readonly #options: PoolOptions
  #started: ChildProcess | null = null

  constructor(options: PoolOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { distPath, env, execArgv } = this.#options
    this.#started = fork(join(distPath, 'workers/forks.js'), {
      // For tests that start a Node of their own.
      env: { ...env, SIGNALBOX_NODE_EMULATOR: JSON.stringify(emulator) },
      execPath: emulator[0],
      execArgv: [...emulator.slice(1), arm64Node, ...execArgv],
      serialization: 'advanced',
    })
  }

  /** Called when the worker has reported everything. */
  async stop(): Promise<void> {
    const worker = this.#worker()
    if (worker.exitCode !== null || worker.signalCode !== null) return
    const ended = once(worker, 'exit')
    worker.kill('SIGKILL')
    await ended
  }

  send(message: WorkerRequest): void {
    this.#worker().send(message)
  }

  on(event: string, callback: (message: unknown) => void): void {
    this.#worker().on(event, callback)
  }

  off(event: string, callback: (message: unknown) => void): void {
    this.#worker().off(event, callback)
  }

  deserialize(message: unknown): unknown {
    return message
  }

  #worker(): ChildProcess {
    if (this.#started === null) throw new Error('the worker was not started')
    return this.#started
  }
}

export const arm64Pool: PoolRunnerInitializer = {
  name: 'arm64',
  createPoolWorker: (options) => new Arm64Worker(options),
}
