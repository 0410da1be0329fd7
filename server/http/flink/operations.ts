import type { Context } from "hono";
import { messageOf } from "../../../runtime/contract/errors.ts";
import { randomToken } from "../../../runtime/contract/random-token.ts";
import { open, record, text, words } from "../schema.ts";
import type { HttpContext } from "../http-session.ts";

type Result = { readonly status: "IN_PROGRESS" } | { readonly status: "COMPLETED"; readonly operation: object };

/** Results are asked for soon after; older ones are forgotten. */
const operations_max = 1_000;

/**
 * Work that an answer does not wait for: trigger, request id, poll (Flink's AbstractAsynchronousOperationHandlers). A trigger
 * with an id that is known starts nothing: it is the same request, sent again.
 */
export class Operations {
  readonly #results = new Map<string, Result>();

  /** `work` resolves with what a poll shall see. */
  start(id: string, work: () => Promise<object>): void {
    if (this.#results.has(id)) return;
    this.#results.set(id, { status: "IN_PROGRESS" });
    for (const oldest of this.#results.keys()) {
      if (this.#results.size <= operations_max) break;
      this.#results.delete(oldest);
    }
    void work()
      .catch((error: unknown): object => ({ "failure-cause": failureOf(error) }))
      .then((operation) => this.#results.set(id, { status: "COMPLETED", operation }));
  }

  of(id: string): Result | null {
    return this.#results.get(id) ?? null;
  }
}

const failureOf = (error: unknown): object => ({
  class: "org.apache.flink.util.SerializedThrowable",
  "stack-trace": messageOf(error),
  "serialized-throwable": "",
});

export const requestIdSchema = record({ "request-id": text });

export const operationSchema = record({ status: record({ id: words("IN_PROGRESS", "COMPLETED") }), operation: open({}) }, ["operation"]);

/** Starts the work under the client's trigger id, or a new one; the answer says under which to ask. */
export function trigger(c: Context, context: HttpContext, triggerId: unknown, work: (id: string) => Promise<object>): Response {
  const id = typeof triggerId === "string" && /^[0-9a-f]{32}$/i.test(triggerId) ? triggerId.toLowerCase() : randomToken(context.world);
  context.operations.start(id, () => work(id));
  return c.json({ "request-id": id }, 202);
}

export function poll(c: Context, { operations }: HttpContext): Response {
  const id = c.req.param("trigger") ?? "";
  const result = operations.of(id.toLowerCase());
  if (result === null) return c.json({ errors: [`there is no operation ${id}`] }, 404);
  const status = { id: result.status };
  return c.json(result.status === "COMPLETED" ? { status, operation: result.operation } : { status });
}
