/** Whatever is done to a scenario's or a policy's text, the answer is a journal entry that honours it or one clear line: never a crash. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { SignalboxError } from '../../../src/base/errors.ts'
import { arbitrate } from '../../../src/cli/arbitrate.ts'
import { playMutations, richScenario } from './mutations.ts'

const fault = vi.hoisted(() => ({ kind: 'none' as 'none' | 'default' | 'crash' | 'nowhere' }))

vi.mock('../../../src/domain/policy-codec.ts', async (original) => {
  const codec = await original<typeof import('../../../src/domain/policy-codec.ts')>()
  const mergePolicySources: typeof codec.mergePolicySources = (sources) => {
    const policy = codec.mergePolicySources(sources)
    if (fault.kind === 'crash') throw new TypeError('a crash')
    if (fault.kind === 'nowhere') throw new SignalboxError('ERR_INPUT', 'something is wrong')
    return fault.kind === 'default' ? { ...policy, leverage: 1 } : policy
  }
  return { ...codec, mergePolicySources }
})

afterEach(() => {
  fault.kind = 'none'
})

describe('mutated scenarios and policies', () => {
  test('arbitrate: 20,000 damaged texts give an entry or one line that names where (npm run test:long: 1,200,000)', () => {
    expect(() => JSON.parse(arbitrate(richScenario, 'scenario.json'))).not.toThrow()
    const { entries, byKey, byPlace } = playMutations(20_250_121, 20_000)
    expect(entries + byKey + byPlace).toBe(20_000)
    expect(entries).toBeGreaterThan(1_000)
    expect(byKey).toBeGreaterThan(5_000)
    expect(byPlace).toBeGreaterThan(5_000)
  })

  test.each([
    [
      'falls back to a default in silence',
      'default',
      /^policy\.leverage 3 was accepted and does not hold: seed 7, round /,
    ],
    ['crashes', 'crash', /^TypeError: a crash: seed 7, round /],
    ['says what is wrong and not where', 'nowhere', /^a line without a key, something is wrong: seed 7, round /],
  ] as const)('canary: a parser that %s is found', (_, kind, message) => {
    fault.kind = kind
    expect(() => playMutations(7, 2_000)).toThrow(message)
  })
})
