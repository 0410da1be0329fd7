import type { Context } from "hono";
import type { HttpContext } from "./http-session.ts";
import type { JsonSchema } from "./schema.ts";

/** Groups of the OpenAPI document. */
export type RouteTag = "query" | "jobs" | "cluster" | "flink";

/** One method of one path: what it does, what it takes and gives. The door, the OpenAPI document and docs/reference/http.md read it. */
export interface Route {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** Hono's form: `/jobs/:jid`. */
  readonly path: string;
  readonly tag: RouteTag;
  readonly doc: string;
  /** Parameters behind the question mark, with what they mean. */
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: RouteBody;
  /** The status of success; 200 unless said. */
  readonly status?: 200 | 201 | 202;
  readonly answer: JsonSchema | { readonly contentType: string };
  handle(c: Context, context: HttpContext): Response | Promise<Response>;
}

export interface RouteBody {
  readonly contentType: "application/json" | "multipart/form-data";
  /** Flink's bodies may be left out. */
  readonly optional?: boolean;
  readonly schema: JsonSchema;
}
