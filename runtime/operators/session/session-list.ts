const grown = (have: number): number => Math.max(1_024, have * 2);

/**
 * Open sessions as arrays: [start, end) in µs (end = last row + gap), the next session of the same key, the packed rows of the
 * key and of the accumulators. Index 0 is "none". Free indexes are chained through `next`.
 */
export class SessionList {
  start = new BigInt64Array(1_024);
  end = new BigInt64Array(1_024);
  next = new Int32Array(1_024);
  /** Address of the key's packed row. */
  key = new Uint32Array(1_024);
  /** Address of the accumulators' packed row. */
  row = new Uint32Array(1_024);
  /** The session that this one was merged into; itself while it lives, 0 once it ended. */
  root = new Int32Array(1_024);
  /** The start under which the last checkpoint knows it. */
  storedStart = new BigInt64Array(1_024);
  isStored = new Uint8Array(1_024);
  isDirty = new Uint8Array(1_024);
  #used = 1;
  #free = 0;

  create(key: number, start: bigint, end: bigint): number {
    let session = this.#free;
    if (session !== 0) this.#free = this.next[session] as number;
    else {
      if (this.#used === this.start.length) this.#grow();
      session = this.#used++;
    }
    this.start[session] = start;
    this.end[session] = end;
    this.next[session] = 0;
    this.key[session] = key;
    this.row[session] = 0;
    this.root[session] = session;
    this.isStored[session] = 0;
    this.isDirty[session] = 0;
    return session;
  }

  /** The living session that rows of `session` belong to now. */
  rootOf(session: number): number {
    let root = session;
    while (this.root[root] !== root) root = this.root[root] as number;
    return root;
  }

  /** The index may be handed out again. */
  release(session: number): void {
    this.root[session] = 0;
    this.next[session] = this.#free;
    this.#free = session;
  }

  #grow(): void {
    const size = grown(this.start.length);
    const wide = (old: BigInt64Array): BigInt64Array<ArrayBuffer> => {
      const fresh = new BigInt64Array(size);
      fresh.set(old);
      return fresh;
    };
    const ints = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const fresh = new Int32Array(size);
      fresh.set(old);
      return fresh;
    };
    const addresses = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const fresh = new Uint32Array(size);
      fresh.set(old);
      return fresh;
    };
    const flags = (old: Uint8Array): Uint8Array<ArrayBuffer> => {
      const fresh = new Uint8Array(size);
      fresh.set(old);
      return fresh;
    };
    this.start = wide(this.start);
    this.end = wide(this.end);
    this.storedStart = wide(this.storedStart);
    this.next = ints(this.next);
    this.root = ints(this.root);
    this.key = addresses(this.key);
    this.row = addresses(this.row);
    this.isStored = flags(this.isStored);
    this.isDirty = flags(this.isDirty);
  }
}
