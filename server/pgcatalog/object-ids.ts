/** Object ids as Postgres numbers users' objects. One is never given to something else while the server runs. */
export class ObjectIds {
  readonly #ids = new Map<string, number>();

  of(kind: string, name: string): number {
    const key = `${kind} ${name}`;
    const id = this.#ids.get(key) ?? 16_384 + this.#ids.size;
    this.#ids.set(key, id);
    return id;
  }
}

export const catalogNamespace = 11;
export const publicNamespace = 2200;
export const informationNamespace = 13_000;
export const millraceNamespace = 13_001;
export const owner = 10;
