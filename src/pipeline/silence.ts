/**
 * How long a thread has not come round, by its beats. Time counts only while somebody looks: a process that was stopped, or a looker that was
 * kept from looking, says nothing of the thread.
 */

/** Of the time between two looks so much counts at most, nanoseconds. */
const lookMaxNs = 250e6

export class Silence {
  #beats = Number.NaN
  #silentNs = 0
  #lookedNs = Number.NaN

  /** @returns For how long it has been silent, nanoseconds; 0: it has come round since the last look. */
  look(beats: number, nowNs: number): number {
    const passedNs = Number.isNaN(this.#lookedNs) ? 0 : nowNs - this.#lookedNs
    this.#lookedNs = nowNs
    this.#silentNs = beats === this.#beats ? this.#silentNs + Math.min(passedNs, lookMaxNs) : 0
    this.#beats = beats
    return this.#silentNs
  }
}
