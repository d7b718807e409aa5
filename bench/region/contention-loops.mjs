/** What both threads of the ledger's contention rows do. */
const samplesMax = 2_000_000
const strategies = 50

/** Reserves and releases as fast as it can until told to stop, each pair timed by itself (reading the clock is in it, about 55 ns). */
export function reservingPairs({ reservations }, handles, isOver) {
  const samples = new Float64Array(samplesMax)
  const request = { handle: handles[0], capitalMinor: 10, leaseUntilNs: 1e15 }
  let pairs = 0
  let incomplete = 0
  const { now } = performance
  const clock = now.bind(performance)
  while (!isOver()) {
    const began = clock()
    const reserved = reservations.reserve(request)
    const released = reserved.ok && reservations.release(reserved.token).ok
    samples[pairs % samplesMax] = (clock() - began) * 1e6
    if (!released) incomplete += 1
    pairs += 1
  }
  return { pairs, incomplete, samples: samples.slice(0, Math.min(pairs, samplesMax)) }
}

/**
 * Fifty strategies of this thread each try for every event, in order; the other thread's do the same. Who wins keeps the event until its
 * turn is over. Word 1 of `shared` counts who has come to a round's start.
 */
export function racing({ reservations }, handles, shared) {
  const samples = new Float64Array(handles.length * strategies)
  const clock = performance.now.bind(performance)
  let wins = 0
  let at = 0
  Atomics.add(shared, 1, 1)
  while (Atomics.load(shared, 1) < 2);
  for (const handle of handles) {
    for (let strategy = 0; strategy < strategies; strategy += 1) {
      const began = clock()
      const reserved = reservations.reserve({ handle, capitalMinor: 1, leaseUntilNs: 1e15 })
      samples[at] = (clock() - began) * 1e6
      at += 1
      // Submitted, it is spent: nobody wins it twice. Then its slot is given back.
      if (reserved.ok) {
        wins += 1
        reservations.submit(reserved.token)
        reservations.release(reserved.token, true)
      }
    }
  }
  return { wins, attempts: at, samples }
}
