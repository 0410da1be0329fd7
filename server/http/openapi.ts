import type { Route, RouteTag } from "./route.ts";
import { type JsonSchema, record, text } from "./schema.ts";

/** Titles of the groups. */
export const tags: Readonly<Record<RouteTag, string>> = {
  query: "SQL over HTTP",
  jobs: "Streaming jobs by name",
  cluster: "The server",
  flink: "Flink's monitoring interface, on its paths and with its keys",
};

const parameter_pattern = "^[A-Za-z0-9_.:%~-]{1,256}$";

/** The OpenAPI 3.1 document of the routes, in their order. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Millrace", version, description: "SQL over HTTP, streaming jobs, and Flink's monitoring interface." },
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" }, basic: { type: "http", scheme: "basic" } },
      schemas: { Error: errorSchema, FlinkErrors: flinkErrorSchema },
    },
    security: [{}, { bearer: [] }, { basic: [] }],
  };
}

const errorSchema = record({
  error: record({ code: text, message: text, detail: text, hint: text, position: { type: "integer" } }, [
    "code",
    "detail",
    "hint",
    "position",
  ]),
});
const flinkErrorSchema = record({ errors: { type: "array", items: text } });

function operationOf(route: Route): object {
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", pattern: parameter_pattern },
  }));
  const inQuery = Object.entries(route.query ?? {}).map(([name, description]) => ({ name, in: "query", description, schema: text }));
  const { body } = route;
  return {
    operationId: operationId(route),
    summary: route.doc,
    tags: [route.tag],
    ...(inPath.length + inQuery.length === 0 ? {} : { parameters: [...inPath, ...inQuery] }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: body.optional !== true, content: { [body.contentType]: { schema: body.schema } } } }),
    responses: {
      [String(route.status ?? 200)]: { description: "Success", content: contentOf(route.answer) },
      default: { description: "An error", content: contentOf(route.tag === "flink" ? ref("FlinkErrors") : ref("Error")) },
    },
  };
}

const operationId = ({ method, path }: Route): string =>
  method + path.replaceAll(/[/:._-]+(\w)/g, (_, letter: string) => letter.toUpperCase());

const contentOf = (answer: Route["answer"]): object =>
  "contentType" in answer ? { [answer.contentType]: {} } : { "application/json": { schema: answer } };

const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` }) as JsonSchema;
