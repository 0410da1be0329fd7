/** Runs bodies that share a name one after the other. All names of a body are queued for at once, so that none waits in a circle. */
export class Exclusive {
  readonly #last = new Map<string, Promise<unknown>>();

  run<T>(names: readonly string[], body: () => Promise<T>): Promise<T> {
    const before = names.map((name) => this.#last.get(name) ?? Promise.resolve());
    const result = Promise.all(before).then(body);
    const over = result.catch(() => undefined);
    for (const name of names) this.#last.set(name, over);
    void over.then(() => {
      for (const name of names) if (this.#last.get(name) === over) this.#last.delete(name);
    });
    return result;
  }
}
