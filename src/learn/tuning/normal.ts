/** The standard normal distribution. Pure; any thread. */

/**
 * P(Z ≤ z), to about 1e-15; of itself to 1e-8, far out.
 *
 * @see Hart et al., "Computer Approximations" (1968), algorithm 5666, as in West, "Better approximations to cumulative normal functions" (2005)
 */
export function normalCdf(z: number): number {
  const apart = Math.abs(z)
  const tail =
    apart > 37 ? 0 : Math.exp((-apart * apart) / 2) * (apart < 7.07106781186547 ? ratio(apart) : fraction(apart))
  return z > 0 ? 1 - tail : tail
}

function ratio(z: number): number {
  return polynomial(numerators, z) / polynomial(denominators, z)
}

/** The continued fraction far out. */
function fraction(z: number): number {
  return 1 / ((z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 0.65))))) * 2.506628274631)
}

const numerators = [
  0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
]
const denominators = [
  0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
]

/**
 * The z with P(Z ≤ z) = p, to about 1e-16; ∓∞ at 0 and 1.
 *
 * @param p - In [0, 1].
 * @see Wichura, "The percentage points of the normal distribution", AS 241, Applied Statistics 37 (1988), PPND16
 */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY
  if (p >= 1) return Number.POSITIVE_INFINITY
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (q * polynomial(centreUp, r)) / polynomial(centreDown, r)
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p))
  const z =
    r <= 5
      ? polynomial(nearUp, r - 1.6) / polynomial(nearDown, r - 1.6)
      : polynomial(farUp, r - 5) / polynomial(farDown, r - 5)
  return q < 0 ? -z : z
}

/** Highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0
  for (const coefficient of coefficients) value = value * x + coefficient
  return value
}

const centreUp = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
  133.14166789178438, 3.3871328727963665,
]
const centreDown = [
  5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
  42.31333070160091, 1,
]
const nearUp = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
]
const nearDown = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
]
const farUp = [
  2.0103343992922881e-7, 0.000027115555687434876, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103,
]
const farDown = [
  2.0442631033899397e-15, 1.421511758316446e-7, 0.000018463183175100548, 0.0007868691311456133, 0.014875361290850615,
  0.1369298809227358, 0.599832206555888, 1,
]
