/**
 * `signalbox arbitrate SCENARIO [--policy F]`: one decision from one scenario, printed as one journal entry. No state and no
 * clock of its own.
 */
import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { inputError, messageOf } from '../base/errors.ts'
import { recordScenario } from '../decide/from-scenario.ts'
import { parseInput } from '../domain/lossless-json.ts'
import type { PolicySource } from '../domain/policy-codec.ts'
import { mergePolicySources, parsePolicyOverride } from '../domain/policy-codec.ts'
import type { Scenario } from '../domain/scenario.ts'
import { openScenario, parseScenario } from '../domain/scenario-codec.ts'
import { writeDecisionLine } from '../journal/decision-line.ts'
import { LineBytes } from '../journal/line-bytes.ts'
import { LineNames } from '../journal/line-names.ts'

/** Standard input, as a scenario's name. */
const standardInput = '-'

const scenarioHelp = `
A scenario (README "One decision" has every key; samples/scenario.json is one):
  now_ns, capital, candidates   required; times in Unix nanoseconds
  a candidate                   event_id, event_type, symbol, lifecycle_state, priority_score, detected_at_ns,
                                and expected_value, or reward_risk and win_rate
  regime                        or a regime_alignment of each candidate
  open_positions, policy, history, trading_state, state_age_ms

A line of a journal's inputs-… is a scenario too.

Example:
  $ signalbox arbitrate samples/scenario.json --policy policy.json`

/** The command, for `main.ts` to add. */
export function arbitrateCommand(): Command {
  return new Command('arbitrate')
    .description('take one decision from one scenario and print it as one journal entry')
    .argument('<scenario>', 'a JSON file; - reads standard input')
    .option('--policy <file>', "a policy (JSON) that overrides the scenario's, key by key")
    .addHelpText('after', scenarioHelp)
    .action(async (scenarioPath: string, options: { policy?: string }) => {
      const scenarioName = scenarioPath === standardInput ? 'standard input' : scenarioPath
      const scenarioText = await readText(scenarioPath, scenarioName)
      const policyText = options.policy === undefined ? undefined : await readText(options.policy, options.policy)
      const { line, scenario } = decided(scenarioText, scenarioName, policyText, options.policy)
      process.stdout.write(`${line}\n`)
      const suspicion = suspiciousTime(scenario)
      if (suspicion !== null) process.stderr.write(`signalbox: note: ${scenarioName}: ${suspicion}\n`)
    })
}

/**
 * The decision on a scenario as one journal line (sequence 1, state version 0, weights version 1, nothing reserved).
 *
 * @param scenarioName - What messages call it: a file name.
 * @param policyText - A policy that overrides the scenario's, and its file name.
 * @throws {SignalboxError} `ERR_INPUT` naming file and key.
 * @see design/CONTRACTS.md, "Scenario" and "The decision, exactly"
 */
export function arbitrate(
  scenarioText: string,
  scenarioName: string,
  policyText?: string,
  policyName = 'policy',
): string {
  return decided(scenarioText, scenarioName, policyText, policyName).line
}

function decided(
  scenarioText: string,
  scenarioName: string,
  policyText?: string,
  policyName = 'policy',
): { readonly line: string; readonly scenario: Scenario } {
  const path = scenarioName === '' ? '' : `${scenarioName}: `
  const raw = openScenario(unwrapped(parseInput(scenarioText, scenarioName)), path)
  const sources: PolicySource[] = [{ override: raw.policy, path: `${path}policy` }]
  if (policyText !== undefined) {
    const policyPath = `${policyName}: `
    sources.push({
      override: parsePolicyOverride(parseInput(policyText, policyName), policyPath),
      path: policyPath,
    })
  }
  const policy = mergePolicySources(sources)
  const scenario = parseScenario(raw, policy)
  const { record, names, epochNs, eventIds } = recordScenario(scenario, policy)
  const lineNames = new LineNames({ ...names, epochNs }, eventIds.size)
  for (const [handle, eventId] of eventIds) lineNames.nameEvent(handle, eventId)
  const line = new LineBytes()
  writeDecisionLine(line, record, 0, lineNames)
  return { line: line.toString(), scenario }
}

/** From here on a time is one of our century in nanoseconds; between the other two, one in milliseconds or microseconds. */
const nanosecondsMin = 10n ** 17n
const otherUnitMin = 10n ** 11n
const otherUnitMax = 10n ** 16n

/**
 * What looks like a time in another unit beside times in nanoseconds, or null. It is a scenario all the same (a time behind `now_ns`
 * counts as now), so this is a note and no error.
 */
export function suspiciousTime({ nowNs, candidates }: Scenario): string | null {
  const times: [place: string, time: bigint][] = [['now_ns', nowNs]]
  for (const [index, { detectedAtNs, waitingSinceNs, expiresAtNs }] of candidates.entries()) {
    times.push([`candidates[${index}].detected_at_ns`, detectedAtNs])
    times.push([`candidates[${index}].waiting_since_ns`, waitingSinceNs])
    if (expiresAtNs !== null) times.push([`candidates[${index}].expires_at_ns`, expiresAtNs])
  }
  if (!times.some(([, time]) => time >= nanosecondsMin)) return null
  const other = times.find(([, time]) => time >= otherUnitMin && time < otherUnitMax)
  return other === undefined ? null : `${other[0]} is ${other[1]}, far from the other times; is it in nanoseconds?`
}

/** A line of `inputs-…` is a scenario with the id of its decision around it. */
function unwrapped(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  const keys = Object.keys(json)
  const isInput = keys.length === 2 && keys.includes('arbitration_id') && keys.includes('scenario')
  return isInput ? (json as { scenario: unknown }).scenario : json
}

async function readText(path: string, name: string): Promise<string> {
  let bytes: Uint8Array
  try {
    bytes = path === standardInput ? await readStandardInput() : await readFile(path)
  } catch (thrown) {
    throw inputError(name, `cannot be read (${messageOf(thrown)})`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw inputError(name, 'is not text in UTF-8')
  }
}

async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}
