import { describe, expect, it } from 'vitest'
import { loadDuckDb } from '../../../src/base/duckdb.ts'

const failingWith = (error: Error) => (): Promise<never> => Promise.reject(error)
const parquet = (field: string): { field: string; work: string } => ({ field, work: 'Parquet is read' })

describe('duckdb', () => {
  it('duckdb: where it is not installed, one line names the file and the command that installs it', async () => {
    const absent = Object.assign(new Error("Cannot find package '@duckdb/node-api'\nImported from …"), {
      code: 'ERR_MODULE_NOT_FOUND',
    })
    await expect(loadDuckDb(parquet('candles.parquet'), failingWith(absent))).rejects.toMatchObject({
      code: 'ERR_INPUT',
      field: 'candles.parquet',
      message: 'candles.parquet: Parquet is read by DuckDB, which is not installed; npm install @duckdb/node-api',
    })
  })

  it('duckdb: where it is installed and broken, the line says why', async () => {
    const broken = new Error('libstdc++.so.6: version not found\n(required by duckdb.node)')
    await expect(loadDuckDb(parquet('a.parquet'), failingWith(broken))).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message:
        'a.parquet: Parquet is read by DuckDB, which cannot be loaded (libstdc++.so.6: version not found); npm install @duckdb/node-api',
    })
  })

  it('duckdb: the library of the development dependencies is the one that is loaded', async () => {
    expect((await loadDuckDb(parquet('a.parquet'))).DuckDBInstance).toBeTypeOf('function')
  })
})
