import type { Batch } from "../contract/batch.ts";
import { rowsOf } from "../contract/rows.ts";
import type { QueryResult } from "../contract/store.ts";
import type { Schema } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import type { DuckdbConnection } from "./connection.ts";

/**
 * A stream on a connection of its own that fetches one batch ahead: DuckDB decodes on its pool thread while the caller works.
 * A batch owns its memory, so one ahead is safe. The connection must not be closed under a fetch: closing waits for it.
 */
export class AheadResult implements QueryResult {
  readonly schema: Schema;
  readonly changed: number;
  readonly #result: QueryResult;
  readonly #connection: DuckdbConnection;
  #ahead: Promise<Batch | null>;
  #closed = false;
  /** Resolves when the connection is closed. */
  readonly done: Promise<void>;
  #isDone: () => void = () => undefined;

  constructor(result: QueryResult, connection: DuckdbConnection) {
    this.schema = result.schema;
    this.changed = result.changed;
    this.#result = result;
    this.#connection = connection;
    this.done = new Promise((resolve) => {
      this.#isDone = resolve;
    });
    this.#ahead = this.#fetch();
  }

  async next(): Promise<Batch | null> {
    if (this.#closed) return null;
    const batch = await this.#ahead;
    if (batch === null) this.close();
    else if (!this.#closed) this.#ahead = this.#fetch();
    return batch;
  }

  async rows(): Promise<Value[][]> {
    const rows: Value[][] = [];
    for (let batch = await this.next(); batch !== null; batch = await this.next()) rows.push(...rowsOf(this.schema, batch));
    return rows;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const end = (): void => {
      this.#result.close();
      this.#connection.close();
      this.#isDone();
    };
    this.#ahead.then(end, end);
  }

  #fetch(): Promise<Batch | null> {
    const batch = this.#result.next();
    batch.catch(() => undefined); // the caller meets the failure with the next call; until then it is not unhandled
    return batch;
  }
}
