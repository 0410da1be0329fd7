import { tags } from "../../server/http/openapi.ts";
import type { Route, RouteTag } from "../../server/http/route.ts";
import { routes } from "../../server/http/routes/registry.ts";
import type { JsonSchema } from "../../server/http/schema.ts";
import { code, page, table } from "./markdown.ts";

/** docs/reference/http.md: every route, by group. */
export const renderHttp = (): string =>
  page(
    "HTTP routes",
    "server/http/routes/registry.ts",
    "`GET /openapi.json` says the same to programs, with the form of every answer. How to use them: [http.md](../http.md).",
    ...(Object.entries(tags) as [RouteTag, string][]).flatMap(([tag, title]) => [
      `## ${title}`,
      table(["route", "what", "takes"], routes.filter((route) => route.tag === tag).map(rowOf)),
    ]),
  );

const rowOf = (route: Route): readonly string[] => [
  code(`${route.method.toUpperCase()} ${route.path.replaceAll(/:(\w+)/g, "<$1>")}`),
  route.doc,
  [...Object.entries(route.query ?? {}).map(([name, doc]) => `${code(`?${name}`)}: ${doc}`), ...bodyOf(route)].join("; "),
];

function bodyOf({ body }: Route): readonly string[] {
  if (body === undefined) return [];
  const schema: JsonSchema = body.schema;
  const names = Object.keys(schema.properties ?? {}).map((name) =>
    schema.required?.includes(name) === true ? code(name) : `[${code(name)}]`,
  );
  return [`${body.contentType === "multipart/form-data" ? "a form" : "JSON"}${names.length === 0 ? "" : ` of ${names.join(", ")}`}`];
}
