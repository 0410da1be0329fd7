import type { ResultTable } from "../../runtime/contract/control.ts";
import type { Field } from "../../runtime/contract/types.ts";
import type { CatalogColumn, CatalogObject, SourceObject } from "../catalog.ts";

/** How the planner and the runtime call what reads a table of the store: no connector that a user can name. */
export const tableConnector = "table";

const known = new WeakMap<object, SourceObject | null>();

/**
 * What a job can read, as a source: a table or a job's result is one too, with the rows that it has, then its changes. The same
 * object for the same table; null for what has no rows.
 */
export function sourceOf(object: CatalogObject | ResultTable): SourceObject | null {
  const source = known.get(object) ?? read(object);
  known.set(object, source);
  return source;
}

function read(object: CatalogObject | ResultTable): SourceObject | null {
  if (!("kind" in object)) return ofResult(object);
  switch (object.kind) {
    case "source":
      return object;
    case "table":
      return { ...base(object.name), columns: object.columns, primaryKey: object.primaryKey, ...timed(object.watermark) };
    case "streamingJob":
    case "materializedView":
      return object.result === null ? null : ofResult(object.result);
    case "view":
    case "sink":
      return null;
  }
}

/** A result has no watermark: its rows come in the order of checkpoints, and say nothing of those to come. */
function ofResult({ name, schema, changelog, uniqueKey }: ResultTable): SourceObject {
  const key = changelog ? (uniqueKey ?? []) : [];
  return {
    ...base(name),
    columns: schema.columns.map(columnOf),
    primaryKey: key.map((c) => (schema.columns[c] as Field).name),
    watermark: null,
    isChangelog: changelog,
  };
}

const timed = (watermark: SourceObject["watermark"]): Pick<SourceObject, "watermark" | "isChangelog"> => ({
  watermark,
  isChangelog: watermark === null,
});

const base = (name: string) => ({ kind: "source", name, definition: "", connector: tableConnector, options: {} }) as const;

const columnOf = ({ name, type }: Field): CatalogColumn => ({
  name,
  type,
  notNull: false,
  computed: null,
  metadata: null,
  defaultValue: null,
});
