import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type JobControl, Screen } from '../../../../src/cli/terminal/screen.ts'

const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'

/** A process that can be stopped: `stops` counts how often, and who listened to SIGTSTP then. */
function rig() {
  const signals = new EventEmitter()
  const stream = new PassThrough()
  let written = ''
  stream.on('data', (chunk: Buffer) => {
    written += chunk.toString()
  })
  const stops: number[] = []
  const control: JobControl = {
    on: (event, listener) => signals.on(event, listener),
    off: (event, listener) => signals.off(event, listener),
    suspend: () => stops.push(signals.listenerCount('SIGTSTP')),
  }
  const screen = new Screen(stream, control)
  const taken = (): string => {
    const text = written
    written = ''
    return text
  }
  return { signals, screen, stops, taken }
}

describe('screen', () => {
  it('screen: frames are drawn over each other on a buffer of their own, which close gives back', () => {
    const { screen, signals, taken } = rig()
    screen.open()
    expect(taken()).toBe(enter)
    screen.draw(['one', 'two'])
    const frame = taken()
    expect(frame).toContain('\u001b[Hone\u001b[K\r\ntwo\u001b[K\u001b[J')
    // Never wiped before it is drawn: that would flicker.
    expect(frame).not.toContain('\u001b[2J')
    screen.close()
    screen.close()
    expect(taken()).toBe(leave)
    screen.draw(['late'])
    expect(taken()).toBe('')
    expect(signals.eventNames()).toEqual([])
  })

  it('screen: Ctrl-Z gives the terminal back before the process stops, and the next signal stops it too', () => {
    const { screen, signals, stops, taken } = rig()
    screen.open()
    taken()
    for (let round = 1; round <= 2; round += 1) {
      signals.emit('SIGTSTP')
      expect(taken()).toBe(leave)
      expect(stops).toHaveLength(round)
      // Nobody listened at that moment: the system stops the process.
      expect(stops.at(-1)).toBe(0)
      screen.draw(['not while others have the terminal'])
      expect(taken()).toBe('')
      signals.emit('SIGCONT')
      expect(taken()).toBe(enter)
    }
    screen.close()
  })

  it('screen: where the system drops the stop, it comes back by itself', async () => {
    const { screen, signals, taken } = rig()
    screen.open()
    taken()
    signals.emit('SIGTSTP')
    expect(taken()).toBe(leave)
    await expect.poll(taken, { timeout: 10_000 }).toBe(enter)
    expect(signals.listenerCount('SIGTSTP')).toBe(1)
    screen.close()
  })

  it('screen: closed while stopped it stays closed', () => {
    const { screen, signals, taken } = rig()
    screen.open()
    signals.emit('SIGTSTP')
    screen.close()
    taken()
    signals.emit('SIGCONT')
    expect(taken()).toBe('')
  })

  it('screen: an exit that nobody announced shows the cursor again', () => {
    const { screen, signals, taken } = rig()
    screen.open()
    taken()
    signals.emit('exit')
    expect(taken()).toBe(leave)
    screen.close()
    expect(taken()).toBe('')
  })
})
