const rows_min = 64;

/** Rows by hash: a table of chains, newest row first, that grows with its rows. Rows are numbered as they are added. */
export class HashChains {
  rows = 0;
  hashes = new Int32Array(rows_min);
  nexts = new Int32Array(rows_min);
  /** The first row whose hash may be h is at h & (heads.length - 1); go on with `nexts`, and compare `hashes`. -1: none. */
  heads = new Int32Array(rows_min * 2).fill(-1);

  /** Adds the rows of a batch at `selection`. */
  add(hashes: Int32Array, selection: Int32Array): void {
    const first = this.rows;
    this.#reserve(first + selection.length);
    for (let k = 0; k < selection.length; k++) this.hashes[first + k] = hashes[selection[k] as number] as number;
    this.rows = first + selection.length;
    this.#link(first);
  }

  /** Forgets the rows, keeps the memory. */
  clear(): void {
    this.rows = 0;
    this.heads.fill(-1);
  }

  #link(from: number): void {
    const { hashes, nexts, heads, rows } = this;
    const mask = heads.length - 1;
    for (let row = from; row < rows; row++) {
      const slot = (hashes[row] as number) & mask;
      nexts[row] = heads[slot] as number;
      heads[slot] = row;
    }
  }

  #reserve(need: number): void {
    if (need <= this.hashes.length) return;
    let size = this.hashes.length;
    while (size < need) size *= 2;
    const hashes = new Int32Array(size);
    hashes.set(this.hashes);
    this.hashes = hashes;
    this.nexts = new Int32Array(size);
    this.heads = new Int32Array(size * 2).fill(-1);
    this.#link(0);
  }
}
