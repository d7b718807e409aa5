/** The detectors that come with Signalbox, by kind. Pure; any thread. */
import { inputError } from '../../base/errors.ts'
import type { Detector } from './detector.ts'
import { failedHunt } from './failed-hunt.ts'
import { fundingSnapback } from './funding-snapback.ts'
import { inventoryDistribution } from './inventory-distribution.ts'
import { liquidationCascade } from './liquidation-cascade.ts'

type Given = Readonly<Record<string, number>>

const factories: Readonly<Record<string, (given: Given) => Detector>> = {
  cascade: liquidationCascade,
  hunt: failedHunt,
  snapback: fundingSnapback,
  distribution: inventoryDistribution,
}

/** In the order in which they look at a row. */
export const builtInDetectorKinds: readonly string[] = Object.keys(factories)

/**
 * Fresh built-in detectors, in their order; their options are documented in `cascadeOptions` and `snapbackOptions`.
 *
 * @param options - By kind; what is left out has its defaults; `null` leaves the detector out.
 * @throws {SignalboxError} `ERR_INPUT` for an unknown kind, an unknown option, or a value outside its range.
 */
export function builtInDetectors(options: Readonly<Record<string, Given | null>> = {}): Detector[] {
  for (const kind of Object.keys(options)) {
    if (!Object.hasOwn(factories, kind)) {
      throw inputError(`detectors.${kind}`, `unknown detector; known: ${builtInDetectorKinds.join(', ')}`, kind)
    }
  }
  const detectors: Detector[] = []
  for (const [kind, create] of Object.entries(factories)) {
    const given = options[kind]
    if (given !== null) detectors.push(create(given ?? {}))
  }
  return detectors
}
