/**
 * Makes `npm start` and `npm test` work as the first command in a fresh clone (`prestart`, `pretest`): installs what is not
 * installed and builds what is missing or out of date, with a line for each step; silent and quick when all is there. Built-in
 * modules only, because it runs before anything is installed.
 *
 * Installed means: npm has written `node_modules/.package-lock.json`, which it does last, and package-lock.json has not changed
 * since. What built means is said in build.mjs. Whatever is cut short is therefore done again.
 */
import { statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import {
  addonRefusal,
  addonState,
  buildAddon,
  buildsLaterVariable,
  compileTypeScript,
  headOf,
  isDistStale,
  root,
  runNpm,
  runScript,
  StepFailed,
  say,
} from './build.mjs'

const nodeMin = [20, 17]
const wanted = join(root, 'package-lock.json')
const installed = join(root, 'node_modules/.package-lock.json')

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1])) return
  throw new StepFailed(`Node ${nodeMin.join('.')} or newer is needed, this is ${process.versions.node}`)
}

function isInstalled() {
  const written = statSync(installed, { throwIfNoEntry: false })
  return written !== undefined && written.mtimeMs >= statSync(wanted).mtimeMs
}

/** Clean, with the tools that build and test (whatever `omit` or NODE_ENV say), and without `prepare`: the build comes after. */
async function install() {
  say('installing the dependencies (npm ci)')
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, output } = await runNpm(args, { [buildsLaterVariable]: '1' })
  if (status !== 0) throw new StepFailed(`npm ci failed:\n${headOf(output)}`)
  // A lock file dated in the future would be newer for ever.
  if (!isInstalled()) utimesSync(installed, new Date(), statSync(wanted).mtime)
}

async function buildAddonIfItCan() {
  say('building the native addon (node-gyp)')
  const failure = await buildAddon()
  if (failure !== null) say(addonRefusal(failure.reason))
}

async function main() {
  requireNode()
  if (!isInstalled()) await install()
  const addon = addonState()
  if (addon.state === 'stale') await buildAddonIfItCan()
  if (addon.state === 'refused') say(addonRefusal(addon.reason))
  if (isDistStale()) {
    say('compiling TypeScript (tsc)')
    await compileTypeScript()
  }
}

await runScript(main)
