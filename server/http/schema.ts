/** JSON Schema as OpenAPI 3.1 takes it. What the answers promise, in the document and in the tests that hold answers to it. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  /** false: an object has the properties named and no others. */
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

export const text: JsonSchema = { type: "string" };
export const integer: JsonSchema = { type: "integer" };
export const number: JsonSchema = { type: "number" };
export const boolean: JsonSchema = { type: "boolean" };
/** Any JSON. */
export const anything: JsonSchema = {};

export const words = (...values: readonly string[]): JsonSchema => ({ type: "string", enum: values });

export const listOf = (items: JsonSchema): JsonSchema => ({ type: "array", items });

export const mapOf = (values: JsonSchema): JsonSchema => ({ type: "object", additionalProperties: values });

export const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: "null" }] });

/** Exactly these properties; those in `optional` may be absent. */
export const record = (properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

/** At least these properties. */
export const open = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});

export const described = (description: string, schema: JsonSchema): JsonSchema => ({ ...schema, description });
