/** What a fresh process runs: one case, its rows as one JSON line. `case.mjs FILE ARGUMENT IS_QUICK`; started by fresh-process.mjs. */
const [file, argument, isQuick] = JSON.parse(process.argv[2])
const { measure } = await import(new URL(file, import.meta.url))
process.stdout.write(`${JSON.stringify(await measure(argument, isQuick))}\n`)
