import type { TablePull, TableRows } from "../contract/change-log.ts";
import type { FromSlot, TaskId, ToSlot } from "../contract/rpc.ts";
import { keyOf } from "./task-key.ts";

/** Questions for rows of tables that are on their way to the store's owner: one of each operator. */
export class OpenPulls {
  readonly #post: (message: FromSlot) => void;
  readonly #open = new Map<string, Map<string, (rows: TableRows) => void>>();

  constructor(post: (message: FromSlot) => void) {
    this.#post = post;
  }

  readonly pull = (task: TaskId, uid: string, pull: TablePull): Promise<TableRows> =>
    new Promise((resolve) => {
      const ofTask = this.#open.get(keyOf(task)) ?? new Map<string, (rows: TableRows) => void>();
      this.#open.set(keyOf(task), ofTask.set(uid, resolve));
      this.#post({ did: "pullTable", task, uid, pull });
    });

  /** An answer for a task that is gone is dropped. */
  answered({ task, uid, rows }: Extract<ToSlot, { readonly do: "tableRows" }>): void {
    this.#open.get(keyOf(task))?.get(uid)?.(rows);
  }

  forget(task: TaskId): void {
    this.#open.delete(keyOf(task));
  }
}
