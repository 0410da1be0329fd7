import type { Context } from "hono";
import { SqlError } from "../../../runtime/contract/errors.ts";

export type Body = Readonly<Record<string, unknown>>;

/** A JSON object; an empty body is an empty object, as in Flink. */
export async function bodyOf(c: Context): Promise<Body> {
  const body = await c.req.text();
  if (body.trim() === "") return {};
  const value = parsed(body);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Body;
  throw new SqlError({ sqlState: "22023", message: "the body must be a JSON object" });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** A property that must be text if it is there. */
export function textOf(body: Body, name: string): string | null {
  const value = body[name];
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  throw new SqlError({ sqlState: "22023", message: `"${name}" must be text` });
}

/** A property that must be true or false if it is there. */
export function flagOf(body: Body, name: string): boolean {
  const value = body[name] ?? false;
  if (typeof value === "boolean") return value;
  throw new SqlError({ sqlState: "22023", message: `"${name}" must be true or false` });
}
