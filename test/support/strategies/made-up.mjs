/** A strategy that does what its data says, for tests: at its n-th question `data.script[n]`, and from then on its last word. */
export default ({ data }) => {
  let asked = 0
  const claim = (event, over = {}) => {
    const { side, targetTicks, stopTicks } = event
    const plan = { side, targetTicks, stopTicks, sizeFraction: 1, timeStopNs: data.timeStopNs ?? 60e9, ...over }
    return { capitalMinor: data.capitalMinor ?? 100_000, plan }
  }
  const acts = {
    claim: (event) => claim(event),
    // Leaves the event to others for five seconds of market time.
    late: (event, market) => (market.nowNs < event.detectedAtNs + 5e9 ? 'later' : claim(event)),
    reject: () => null,
    later: () => 'later',
    // Its stop lies on the wrong side.
    nonsense: (event) => claim(event, { stopTicks: event.targetTicks }),
    text: () => 'buy',
    promise: async () => null,
    throw: () => {
      throw new Error('a bad day')
    },
    hang: () => {
      for (;;);
    },
    exit: () => process.exit(3),
    grow: () => {
      const all = []
      for (;;) all.push(new Array(10_000).fill(all.length))
    },
    print: () => {
      process.stdout.write('seen\n')
      return null
    },
    printAlways: () => {
      for (;;) process.stdout.write(`${'again '.repeat(100)}\n`)
    },
    leave: () => {
      setTimeout(() => {
        throw new Error('nobody awaits this')
      }, 1)
      return null
    },
    stay: () => {
      setInterval(() => undefined, 1_000)
      return null
    },
  }
  return {
    name: data.name ?? 'made-up',
    ...(data.types === undefined ? {} : { types: data.types }),
    act(event, market) {
      const what = data.script[Math.min(asked, data.script.length - 1)]
      asked += 1
      return acts[what](event, market)
    },
  }
}
