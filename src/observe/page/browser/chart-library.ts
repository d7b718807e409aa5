/** uPlot, which the page's first script makes global. */
import type UPlot from 'uplot'

export type { UPlot }

export const Plot = (globalThis as unknown as { readonly uPlot: typeof UPlot }).uPlot
