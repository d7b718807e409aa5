/** A page in Debian's Chromium, with everything that went wrong in it or left it. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'

const programs = ['chromium', 'chromium-browser', 'google-chrome']
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** @throws {Error} One line that says what is missing and which Debian package brings it. */
function browserProgram(): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of programs) {
      try {
        accessSync(join(folder, name), constants.X_OK)
        return join(folder, name)
      } catch {
        // Not in this folder.
      }
    }
  }
  throw new Error('the browser tests need chromium, which is not on PATH: apt-get install chromium')
}

/** A profile of its own, gone with it. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserProgram(), args: flags })
}

export interface OpenedPage {
  readonly page: Page
  /** Errors and warnings of the console, exceptions, and every request beside the file itself. */
  readonly complaints: string[]
}

export async function openPage(browser: Browser, file: string): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } })
  const address = pathToFileURL(file).href
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (request.url() !== address) complaints.push(`asked for ${request.url()}`)
  })
  await page.goto(address)
  return { page, complaints }
}
