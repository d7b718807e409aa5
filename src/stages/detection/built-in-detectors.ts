/** The detectors that come with Signalbox, by kind. Pure; any thread. */
import { inputError } from '../../base/errors.ts'
import type { Detector } from './detector.ts'
import type { OptionTable } from './detector-options.ts'
import { failedHunt, huntOptions } from './failed-hunt.ts'
import { fundingSnapback, snapbackOptions } from './funding-snapback.ts'
import { distributionOptions, inventoryDistribution } from './inventory-distribution.ts'
import { cascadeOptions, liquidationCascade } from './liquidation-cascade.ts'

type Given = Readonly<Record<string, number>>

const factories: Readonly<Record<string, (given: Given) => Detector>> = {
  cascade: liquidationCascade,
  hunt: failedHunt,
  snapback: fundingSnapback,
  distribution: inventoryDistribution,
}

/** Options of the built-in detectors by kind. */
export const detectorOptionTables: Readonly<Record<string, OptionTable>> = {
  cascade: cascadeOptions,
  hunt: huntOptions,
  snapback: snapbackOptions,
  distribution: distributionOptions,
}

/** In the order in which they look at a row. */
export const builtInDetectorKinds: readonly string[] = Object.keys(factories)

/**
 * Fresh built-in detectors, in their order; their options are documented in {@link detectorOptionTables}.
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
