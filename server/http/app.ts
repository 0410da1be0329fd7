import { timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { SqlError } from "../../runtime/contract/errors.ts";
import { limits } from "../../runtime/contract/limits.ts";
import type { HttpContext } from "./http-session.ts";
import type { Route, RouteTag } from "./route.ts";
import { routes } from "./routes/registry.ts";

/** The HTTP door: who may come in, how much they may send, and the routes of the registry. */
export function createApp(context: HttpContext, log: (line: string) => void): Hono {
  const app = new Hono();
  const serve = (path: string, route: Route): void => void app.on(route.method.toUpperCase(), path, (c) => answer(route, c, context, log));
  app.use(async (c, next) => {
    const refusal = refuse(c.req.header("host"), c.req.header("origin"), c.req.header("authorization"), c.req.path, context);
    if (refusal === null) return next();
    return c.json({ error: { message: refusal.message } }, refusal.status, refusal.status === 401 ? { "www-authenticate": "Basic" } : {});
  });
  app.use(
    bodyLimit({
      maxSize: limits.httpBody_bytes_max,
      onError: async (c) => {
        await discard(c.req.raw.body);
        return c.json({ error: { code: "54000", message: "the request body is too large" } }, 413);
      },
    }),
  );
  for (const route of routes.filter(({ tag, path }) => tag === "flink" && path !== "/jobs")) serve(versioned(route.path), route);
  for (const route of routes) serve(route.path, route);
  app.notFound((c) => c.json({ error: { message: `there is no ${c.req.method} ${c.req.path}` } }, 404));
  app.onError((error, c) => failure(error, c, "query", log));
  return app;
}

/** Flink's own clients put the version in front; there a job's id tells it from a job's name, which our own paths take. */
const versioned = (path: string): string => `/v1${path.replace(":jid", ":jid{[0-9a-f]{32}}")}`;

async function answer(route: Route, c: Context, context: HttpContext, log: (line: string) => void): Promise<Response> {
  try {
    return await route.handle(c, context);
  } catch (error) {
    return failure(error, c, route.tag, log);
  }
}

/** Flink's clients read `errors`. */
function failure(error: unknown, c: Context, tag: RouteTag, log: (line: string) => void): Response {
  const known = error instanceof SqlError ? error : null;
  if (known === null) log(`http: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const ofPath = tag === "query" || known === null ? undefined : statusOf[known.sqlState];
  const status = known === null || known.sqlState === "XX000" ? 500 : (ofPath ?? 400);
  if (tag === "flink") return c.json({ errors: [known?.message ?? "internal error"] }, status);
  return c.json({ error: known === null ? { code: "XX000", message: "internal error" } : errorBody(known) }, status);
}

/** Not there, there already, not in this state: of what the path names. A query that names something else is a bad request. */
const statusOf: Partial<Record<string, 404 | 409>> = { "42P01": 404, "42704": 404, "42P07": 409, "42710": 409, "55000": 409, "55006": 409 };

const discarded_bytes_max = 16 * limits.httpBody_bytes_max;

/** A client that is still sending when the connection closes never reads why: what it sends is read, up to a limit. */
async function discard(body: ReadableStream<Uint8Array> | null): Promise<void> {
  if (body === null || body.locked) return;
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > discarded_bytes_max) return;
  }
}

interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
}

/** A page of another site can make a browser call us: Host and Origin tell. /healthz says nothing worth hiding. */
function refuse(
  host: string | undefined,
  origin: string | undefined,
  authorization: string | undefined,
  path: string,
  { hosts, password }: HttpContext,
): Refusal | null {
  if (hosts.size > 0 && !hosts.has((host ?? "").toLowerCase())) return { status: 403, message: `host "${host ?? ""}" is not served here` };
  if (origin !== undefined && origin.replace(/^https?:\/\//, "") !== host)
    return { status: 403, message: "requests of other sites are refused" };
  if (password === null || path === "/healthz" || sameText(passwordOf(authorization), password)) return null;
  return { status: 401, message: "a password is required" };
}

function passwordOf(authorization: string | undefined): string {
  const [scheme, token = ""] = (authorization ?? "").split(" ");
  if (scheme === "Bearer") return token;
  return scheme === "Basic"
    ? Buffer.from(token, "base64")
        .toString("utf8")
        .replace(/^[^:]*:/, "")
    : "";
}

function sameText(a: string, b: string): boolean {
  const x = Buffer.from(a);
  const y = Buffer.from(b);
  return x.length === y.length && timingSafeEqual(x, y);
}

const errorBody = (error: SqlError): object => ({
  code: error.sqlState,
  message: error.message,
  ...(error.detail === undefined ? {} : { detail: error.detail }),
  ...(error.hint === undefined ? {} : { hint: error.hint }),
  ...(error.at === undefined ? {} : { position: error.at + 1 }),
});
