/** The four market regimes of the specification. */
export const regimes = ['expansion', 'contraction', 'trend', 'sideways'] as const
export type Regime = (typeof regimes)[number]
