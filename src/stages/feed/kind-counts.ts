/** Counts by kind; kinds appear as they occur. One thread. */
export class KindCounts<Kind extends string> {
  readonly byKind = new Map<Kind, number>()

  add(kind: Kind): void {
    this.byKind.set(kind, (this.byKind.get(kind) ?? 0) + 1)
  }

  /** `json 3, bad_px 1`, in order of first occurrence. */
  toString(): string {
    return [...this.byKind].map(([kind, count]) => `${kind} ${count}`).join(', ')
  }
}
