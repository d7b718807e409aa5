/** The inversion rate above which the specification calls scoring poorly calibrated (part 6B, "Score Inversion Rate"), in [0, 1]. */
export const rateLimit = 0.2
