/** Detectors of one's own for a thread: functions cannot be sent there, so the thread loads the module that has them. */
import { messageOf, SignalboxError } from './base/errors.ts'
import type { EngineConfig } from './config.ts'
import { eventTypesOf } from './domain/policy.ts'
import { checkDetectors } from './stage-set.ts'
import { builtInDetectors } from './stages/detection/built-in-detectors.ts'
import type { Detector } from './stages/detection/detector.ts'
import { Strategies } from './strategy/strategies.ts'

/**
 * @param module - A URL; its default export is an array of detectors, or a function of the configuration that gives one. Null: the
 *   built-in ones.
 * @throws {SignalboxError} `ERR_INPUT` naming the module that does not load, or gives no detectors, or such as the policy does not know.
 */
export async function detectorsOf(module: string | null, config: EngineConfig): Promise<readonly Detector[]> {
  if (module === null) return builtInDetectors(config.detectors)
  const given = await loaded(module, config)
  if (!Array.isArray(given)) throw refused(module, 'its default export gives no array of detectors')
  const detectors = given as readonly Detector[]
  const types = eventTypesOf(config.policy)
  for (const { kind, eventType } of detectors) {
    if (types.includes(eventType)) continue
    throw refused(module, `detector ${kind} finds ${eventType}, a type that the policy does not declare (policy.types)`)
  }
  checkDetectors(config.policy, detectors, new Strategies(), [], () => undefined)
  return detectors
}

async function loaded(module: string, config: EngineConfig): Promise<unknown> {
  try {
    const { default: given } = (await import(module)) as { readonly default?: unknown }
    return typeof given === 'function' ? await (given as (config: EngineConfig) => unknown)(config) : given
  } catch (thrown) {
    throw refused(module, messageOf(thrown))
  }
}

function refused(module: string, why: string): SignalboxError {
  return new SignalboxError('ERR_INPUT', `detectorModule ${module}: ${why}`, { field: 'detectorModule', value: module })
}
