/** Runs programs for tests, without blocking the test runner, which must go on answering. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Ended {
  readonly status: number | null
  /** Both streams. */
  readonly output: string
}

/** Runs a program in the repository's folder to its end. @param environment - Beside the process's own; undefined takes one out. */
export function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment }
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, output: Buffer.concat(chunks).toString('utf8') }))
  })
}

/** As {@link run}, the Node that runs this: where it is emulated, its emulator comes before it (`arm64-pool.ts`). */
export function runNode(args: readonly string[]): Promise<Ended> {
  const emulator = JSON.parse(process.env.SIGNALBOX_NODE_EMULATOR ?? '[]') as string[]
  const [program, ...rest] = [...emulator, process.execPath, ...args] as [string, ...string[]]
  return run(program, rest)
}

/** The output of a program that has to end with 0. */
export async function succeeds(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  const ended = await run(program, args, environment)
  if (ended.status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${ended.status}:\n${ended.output}`)
  return ended.output
}
