/**
 * The errno of what the file system threw (`ENOSPC`, …); undefined for anything else, Node's own `ERR_…` included. Any
 * thread.
 */
export function errnoOf(thrown: unknown): string | undefined {
  const code = (thrown as NodeJS.ErrnoException | null)?.code
  return typeof code === 'string' && !code.startsWith('ERR_') ? code : undefined
}
