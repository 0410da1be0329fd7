const rows_min = 64;

/** Rows by hash: a table of chains, newest row first, that grows with its rows. Rows are numbered as they are added. */
export class HashChains {
  rows = 0;
  hashes = new Int32Array(rows_min);
  nexts = new Int32Array(rows_min);
  #heads = new Int32Array(rows_min * 2).fill(-1);

  add(hash: number): void {
    if (this.rows === this.hashes.length) this.#grow();
    this.hashes[this.rows] = hash;
    this.#link(this.rows++);
  }

  /** The first row whose hash may be this; go on with `nexts`, and compare `hashes`. -1: none. */
  first(hash: number): number {
    return this.#heads[hash & (this.#heads.length - 1)] as number;
  }

  #link(row: number): void {
    const slot = (this.hashes[row] as number) & (this.#heads.length - 1);
    this.nexts[row] = this.#heads[slot] as number;
    this.#heads[slot] = row;
  }

  #grow(): void {
    const size = this.hashes.length * 2;
    const hashes = new Int32Array(size);
    hashes.set(this.hashes);
    this.hashes = hashes;
    this.nexts = new Int32Array(size);
    this.#heads = new Int32Array(size * 2).fill(-1);
    for (let row = 0; row < this.rows; row++) this.#link(row);
  }
}
