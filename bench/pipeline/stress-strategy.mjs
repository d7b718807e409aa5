/** A strategy of the stress: goes for one event in eight, which ones its number says, so that a dozen want each of them. */
export default ({ data: { number, capitalMinor } }) => ({
  name: `stress-${number}`,
  act({ eventId, side, targetTicks, stopTicks }) {
    if (mixed(eventId, number) % 8 !== 0) return null
    return { capitalMinor, plan: { side, targetTicks, stopTicks, sizeFraction: 1, timeStopNs: 60e9 } }
  },
})

/** A hash of both, the same each time. */
function mixed(text, number) {
  let hash = Math.imul(number + 1, 0x9e3779b1)
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
