// Rows a second of the sources alone, one subtask, over the built code: node sql-tests/bench/sources.mjs
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

const built = (path) => import(new URL(`../../dist/runtime/${path}`, import.meta.url).href);
const { sourceConnectors } = await built("connectors/registry.js");
const { parseType } = await built("contract/parse-type.js");
const { realWorld } = await built("world/real-world.js");

const data = (name) => fileURLToPath(new URL(`../../node_modules/vega-datasets/data/${name}`, import.meta.url));
const schemaOf = (columns) => ({ columns: Object.entries(columns).map(([name, type]) => ({ name, type: parseType(type) })) });

async function readOnce(connector, schema, options) {
  const context = {
    subtaskIndex: 0,
    parallelism: 1,
    allowedDirectories: [],
    world: realWorld,
    metrics: { add: () => undefined },
    bad: ({ file, line, reason }) => {
      throw new Error(`${file}:${line}: ${reason}`);
    },
  };
  const spec = { op: "source", connector, source: "bench", options, schema, declared: schema, badRows: "fail" };
  const reader = sourceConnectors[connector].createReader(spec, context);
  const start_ms = performance.now();
  await reader.open([]);
  let rows = 0;
  for (;;) {
    const result = reader.read();
    const read = "kind" in result ? result : await result;
    if (read.kind !== "batch") break;
    rows += read.batch.rows;
  }
  const elapsed_ms = performance.now() - start_ms;
  await reader.close();
  return { rows, elapsed_ms };
}

async function bench(name, connector, columns, options, rounds) {
  const schema = columns === null ? sourceConnectors[connector].columns(options) : schemaOf(columns);
  let best = { rows: 0, elapsed_ms: Infinity };
  for (let round = 0; round < rounds; round++) {
    const run = await readOnce(connector, schema, options);
    if (run.elapsed_ms < best.elapsed_ms) best = run;
  }
  const rate = (best.rows / best.elapsed_ms / 1_000).toFixed(2);
  console.log(`${name.padEnd(38)} ${rate.padStart(8)} M rows/s   ${best.rows} rows in ${best.elapsed_ms.toFixed(0)} ms`);
}

const flights = { date: "TIMESTAMP", delay: "BIGINT", distance: "BIGINT", origin: "VARCHAR", destination: "VARCHAR" };
const parquet = { path: data("flights-3m.parquet"), format: "parquet" };
await bench("nexmark bid, 7 columns", "nexmark", null, { table: "bid", events: "5000000" }, 3);
await bench("nexmark bid, auction + price", "nexmark", { auction: "BIGINT", price: "BIGINT" }, { table: "bid", events: "5000000" }, 3);
await bench("nexmark auction", "nexmark", null, { table: "auction", events: "5000000" }, 2);
await bench("nexmark person", "nexmark", null, { table: "person", events: "5000000" }, 2);
await bench("parquet, flights, 5 columns", "filesystem", flights, parquet, 3);
await bench("parquet, flights, 3 columns", "filesystem", { date: "TIMESTAMP", delay: "BIGINT", origin: "VARCHAR" }, parquet, 3);
await bench("parquet, flights, no column", "filesystem", {}, parquet, 3);
await bench("parquet, delay cast to INTEGER", "filesystem", { delay: "INTEGER" }, parquet, 2);
await bench(
  "json array, 231 k rows of 3 numbers",
  "filesystem",
  { delay: "BIGINT", distance: "BIGINT", time: "DOUBLE" },
  { path: data("flights-200k.json"), format: "json" },
  5,
);
await bench("json array, 20 k rows of 5 columns", "filesystem", flights, { path: data("flights-20k.json"), format: "json" }, 10);
await bench(
  "csv, 2 k rows of sp500",
  "filesystem",
  { date: "DATE", open: "DOUBLE", high: "DOUBLE", low: "DOUBLE", close: "DOUBLE", volume: "BIGINT" },
  { path: data("sp500-2000.csv"), format: "csv" },
  20,
);
