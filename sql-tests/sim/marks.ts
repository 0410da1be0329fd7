/** How often each kind of thing happened: a fault that never fires tests nothing (TigerBeetle's marks, FoundationDB's BUGGIFY). */
export class Marks {
  readonly #counts = new Map<string, number>();

  add(mark: string, count = 1): void {
    this.#counts.set(mark, (this.#counts.get(mark) ?? 0) + count);
  }

  merge(other: Marks): void {
    for (const [mark, count] of other.#counts) this.add(mark, count);
  }

  get(mark: string): number {
    return this.#counts.get(mark) ?? 0;
  }

  entries(): readonly (readonly [mark: string, count: number])[] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
