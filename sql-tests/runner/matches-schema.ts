import type { JsonSchema } from "../../server/http/schema.ts";

/** Where a JSON value is not what the schema says; empty when it is. */
export function mismatches(value: unknown, schema: JsonSchema, at = "$"): readonly string[] {
  if (schema.anyOf !== undefined) {
    return schema.anyOf.some((one) => mismatches(value, one, at).length === 0)
      ? []
      : [`${at}: ${JSON.stringify(value)} is none of its forms`];
  }
  const type = typeOf(value);
  const types = schema.type === undefined ? null : [schema.type].flat();
  if (types !== null && !types.includes(type) && !(type === "integer" && types.includes("number")))
    return [`${at}: ${type}, not ${types.join(" or ")}`];
  if (schema.enum !== undefined && !schema.enum.includes(value as string))
    return [`${at}: ${JSON.stringify(value)} is not one of ${schema.enum.join(", ")}`];
  if (type === "array")
    return (value as readonly unknown[]).flatMap((item, i) =>
      schema.items === undefined ? [] : mismatches(item, schema.items, `${at}[${i}]`),
    );
  return type === "object" ? ofObject(value as Readonly<Record<string, unknown>>, schema, at) : [];
}

function ofObject(value: Readonly<Record<string, unknown>>, schema: JsonSchema, at: string): readonly string[] {
  const missing = (schema.required ?? []).filter((name) => !(name in value)).map((name) => `${at}.${name}: missing`);
  const wrong = Object.entries(value).flatMap(([name, item]) => {
    const own = schema.properties?.[name] ?? schema.additionalProperties;
    if (own === false) return [`${at}.${name}: not in the schema`];
    return typeof own === "object" ? mismatches(item, own, `${at}.${name}`) : [];
  });
  return [...missing, ...wrong];
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value;
}
