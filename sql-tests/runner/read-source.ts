import { anywhere, type FilePlaces } from "../../runtime/contract/file-places.ts";
import type { BadRow, ReadResult, SourceReader, SplitPosition } from "../../runtime/contract/connector.ts";
import { TaskFailure } from "../../runtime/contract/errors.ts";
import { keyGroupRange } from "../../runtime/contract/hash.ts";
import type { BadRowPolicy, ConnectorOptions, SourceSpec } from "../../runtime/contract/job-graph.ts";
import type { OperatorContext } from "../../runtime/contract/operator.ts";
import { parseType } from "../../runtime/contract/parse-type.ts";
import { rowsOf } from "../../runtime/contract/rows.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import type { World } from "../../runtime/contract/world.ts";
import { sourceConnectors } from "../../runtime/connectors/registry.ts";

/** A clock that stands until it is moved. */
export class StillWorld implements World {
  now = 0;
  readonly clock = { now_ms: () => this.now, monotonic_ms: () => this.now };
  readonly random = (): number => 0.5;
  readonly timers = { after: () => () => undefined, every: () => () => undefined, soon: () => undefined };
}

/** `a BIGINT, b DECIMAL(9,2)` as a schema. */
export function schemaOf(text: string): Schema {
  if (text === "") return { columns: [] };
  return {
    columns: text.split(/,\s*(?![^(<]*[)>])/).map((column) => {
      const [name = "", ...type] = column.trim().split(/\s+/);
      const parsed = parseType(type.join(" "));
      if (parsed === null) throw new Error(`no type: ${column}`);
      return { name, type: parsed };
    }),
  };
}

export interface ReadOptions {
  readonly subtaskIndex?: number;
  readonly parallelism?: number;
  readonly places?: FilePlaces;
  readonly policy?: BadRowPolicy;
  readonly world?: World;
  readonly declared?: Schema;
}

export function contextOf(options: ReadOptions, output: Schema): OperatorContext {
  const { subtaskIndex = 0, parallelism = 1, places = anywhere, world = new StillWorld() } = options;
  return {
    jobName: "job",
    uid: "uid",
    subtaskIndex,
    parallelism,
    maxParallelism: 128,
    keyGroups: keyGroupRange(subtaskIndex, parallelism, 128),
    inputs: [],
    output,
    world,
    metrics: { add: () => undefined },
    sideOutput: () => null,
    scratchDirectory: "",
    places,
    pullTable: () => new Promise(() => undefined),
  };
}

export interface OpenReader {
  readonly reader: SourceReader;
  readonly bad: BadRow[];
  readonly schema: Schema;
}

export async function openReader(
  connector: string,
  columns: string,
  connectorOptions: ConnectorOptions,
  options: ReadOptions = {},
  restored: readonly SplitPosition[] = [],
): Promise<OpenReader> {
  const schema = schemaOf(columns);
  const { policy = "skip", declared = schema } = options;
  const spec: SourceSpec = {
    op: "source",
    connector,
    source: "s",
    options: connectorOptions,
    schema,
    declared,
    badRows: policy,
    changelog: false,
  };
  const bad: BadRow[] = [];
  const found = sourceConnectors[connector];
  if (found === undefined) throw new Error(`no connector ${connector}`);
  const reader = found.createReader(spec, {
    ...contextOf(options, schema),
    bad: (row) => {
      if (policy === "fail") throw new TaskFailure("user", "fail", `${row.file}:${row.line}: ${row.reason}`);
      bad.push(row);
    },
  });
  await reader.open(restored);
  return { reader, bad, schema };
}

/** Reads until there is nothing now; gives the rows of each batch. */
export async function readBatches({ reader, schema }: OpenReader, batches_max = Number.POSITIVE_INFINITY): Promise<Value[][][]> {
  const batches: Value[][][] = [];
  while (batches.length < batches_max) {
    const result: ReadResult = await reader.read();
    if (result.kind !== "batch") break;
    batches.push(rowsOf(schema, result.batch));
  }
  return batches;
}

export async function readAll(
  connector: string,
  columns: string,
  connectorOptions: ConnectorOptions,
  options: ReadOptions = {},
  restored: readonly SplitPosition[] = [],
): Promise<{ readonly rows: Value[][]; readonly bad: BadRow[] }> {
  const opened = await openReader(connector, columns, connectorOptions, options, restored);
  try {
    return { rows: (await readBatches(opened)).flat(), bad: opened.bad };
  } finally {
    await opened.reader.close();
  }
}

/** For comparing as multisets. */
export const sortedText = (rows: readonly (readonly Value[])[]): string[] =>
  rows.map((row) => JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value))).sort();
