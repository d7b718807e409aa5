/** Which strategies run in workers, and how much each may take. Pure but for {@link requireModule}; cold. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { requireInteger } from '../base/assert.ts'
import { inputError } from '../base/errors.ts'

/** A strategy that runs in a worker of its own. */
export interface StrategyWorkerSpec {
  /** Its module (`WorkerStrategy`): a path, relative to the working directory, or a `file:` URL. */
  readonly module: string | URL
  /** Goes before the name that the strategy gives itself; 1 … 63 bytes. Needed where two come from one module. */
  readonly name?: string
  /** It is ended when it does not come round for so long; milliseconds, 200 … 600,000, default 1,000. */
  readonly budgetMs?: number
  /** What its heap may grow to, MiB; 16 … 65,536, default 256. Buffers are not counted. */
  readonly memoryMb?: number
  /** Handed to the module's function; anything that can be cloned. */
  readonly data?: unknown
  /** Where it was written, for messages: `config.json: strategies[0]`. Default `strategyWorkers[index]`. */
  readonly place?: string
}

/** As many lanes as the channel of claims may have. */
export const strategiesMax = 128
export const strategyBudgetMs = { least: 200, most: 600_000, usual: 1_000 } as const
export const strategyMemoryMb = { least: 16, most: 65_536, usual: 256 } as const

/** A spec with everything filled in. */
export interface PlacedStrategy {
  readonly place: string
  /** As a person knows it, and as it is imported. */
  readonly path: string
  readonly url: string
  readonly name: string | null
  readonly budgetMs: number
  readonly memoryMb: number
  readonly data: unknown
}

/** @throws {SignalboxError} `ERR_INPUT` for more than 128; `ERR_INVALID_ARGUMENT` for a number out of its range. */
export function placedStrategies(specs: readonly StrategyWorkerSpec[]): PlacedStrategy[] {
  if (specs.length > strategiesMax) {
    throw inputError('strategies', `are ${specs.length}, and at most ${strategiesMax} run in workers`)
  }
  return specs.map((spec, index) => {
    const place = spec.place ?? `strategyWorkers[${index}]`
    const { budgetMs = strategyBudgetMs.usual, memoryMb = strategyMemoryMb.usual } = spec
    const { path, url } = moduleOf(`${place}.module`, spec.module)
    return {
      place,
      path,
      url,
      name: spec.name ?? null,
      budgetMs: requireInteger(`${place}.budgetMs`, budgetMs, strategyBudgetMs.least, strategyBudgetMs.most),
      memoryMb: requireInteger(`${place}.memoryMb`, memoryMb, strategyMemoryMb.least, strategyMemoryMb.most),
      data: spec.data,
    }
  })
}

function moduleOf(place: string, module: string | URL): { readonly path: string; readonly url: string } {
  const text = String(module)
  const url = URL.canParse(text) && !/^[a-z]:[\\/]/i.test(text) ? new URL(text) : null
  if (url === null) {
    const path = resolve(text)
    return { path, url: pathToFileURL(path).href }
  }
  if (url.protocol !== 'file:') throw inputError(place, `must be a path or a file: URL, got ${text}`, text)
  return { path: fileURLToPath(url), url: url.href }
}

/** @throws {SignalboxError} `ERR_INPUT` naming key and file, where there is no such file. */
export function requireModule({ place, path }: PlacedStrategy): void {
  if (!existsSync(path)) throw inputError(`${place}.module`, `there is no file ${path}`, path)
}
