/** What a fresh process runs: one case, its rows as one JSON line. `[FILE, ARGUMENT, IS_QUICK, RUN]`; started by fresh-process.mjs. */
const [file, argument, isQuick, run = 0] = JSON.parse(process.argv[2])
const { measure } = await import(new URL(file, import.meta.url))
process.stdout.write(`${JSON.stringify(await measure(argument, isQuick, run))}\n`)
