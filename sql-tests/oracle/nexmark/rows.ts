import { anywhere } from "../../../runtime/contract/file-places.ts";
import { nexmark, nexmarkTables } from "../../../runtime/connectors/nexmark/descriptor.ts";
import { rowsOf } from "../../../runtime/contract/rows.ts";
import { formatType, type Schema } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import { realWorld } from "../../../runtime/world/real-world.ts";

const sideInput: Schema = {
  columns: [
    { name: "key", type: { id: "bigint" } },
    { name: "value", type: { id: "varchar" } },
  ],
};

export const tables: Readonly<Record<string, Schema>> = { ...nexmarkTables, side_input: sideInput };

export const columnList = (table: string): string =>
  (tables[table] as Schema).columns.map(({ name, type }) => `${name} ${formatType(type)}`).join(", ");

/** Rows of a table as the connector makes them: 2,000 events in twenty seconds of event time, some of them a second late. */
export async function nexmarkRows(table: string): Promise<readonly (readonly Value[])[]> {
  if (table === "side_input") return Array.from({ length: 10 }, (_, key) => [BigInt(key), `value ${key}`]);
  const schema = tables[table] as Schema;
  const options = { table, events: "2000", event_rate: "100", out_of_order: "1s" };
  const unused = (): never => {
    throw new Error("a generator touches nothing outside");
  };
  const reader = nexmark.createReader(
    { op: "source", connector: "nexmark", source: table, options, schema, declared: schema, badRows: "fail", changelog: false },
    {
      jobName: "job",
      uid: "source",
      subtaskIndex: 0,
      parallelism: 1,
      maxParallelism: 128,
      keyGroups: { first: 0, last: 127 },
      inputs: [],
      output: schema,
      world: realWorld,
      metrics: { add: () => undefined },
      sideOutput: () => null,
      scratchDirectory: "",
      places: anywhere,
      pullTable: unused,
      bad: unused,
    },
  );
  await reader.open([]);
  const rows: Value[][] = [];
  for (;;) {
    const read = await reader.read();
    if (read.kind === "end") break;
    if (read.kind === "batch") rows.push(...rowsOf(schema, read.batch));
  }
  await reader.close();
  return rows;
}
