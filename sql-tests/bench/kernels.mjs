// The window aggregate alone, without engine around it. Run after a build: node sql-tests/bench/kernels.mjs
// Rows per second of CPU time, the best of some rounds: neighbours on the machine change it less than the clock.
import { windowAggregate } from "../../dist/runtime/operators/window-aggregate.js";

const batch_rows = 4096;
const hour = 3_600_000_000n;
const bigint = { id: "bigint" };
const timestamp = { id: "timestamp" };
const varchar = { id: "varchar" };
const plain = { distinct: false, filter: null, constants: [] };
const countAll = { ...plain, name: "count_star", arguments: [], argumentTypes: [], type: bigint };
const over = (name, type) => ({ ...plain, name, arguments: [2], argumentTypes: [bigint], type });

/** Rows in time order: `perWindow` to the hour. Number keys are uniform; strings are skewed, so that 690 rows have about 100 of 229, as flights have. */
function makeBatches(rows, perWindow, keys, strings) {
  const batches = [];
  let seed = 7;
  const next = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0);
  const letters = Buffer.from(Array.from({ length: keys }, (_, i) => String(i).padStart(3, "0")).join(""));
  for (let from = 0; from < rows; from += batch_rows) {
    const n = Math.min(batch_rows, rows - from);
    const skewed = () => Math.floor(keys * ((next() >>> 8) / 16_777_216) ** 5);
    const picks = Array.from({ length: n }, () => (strings ? skewed() : (next() >>> 8) % keys));
    const time = BigInt64Array.from({ length: n }, (_, i) => (BigInt(from + i) * hour) / BigInt(perWindow));
    const key = strings
      ? {
          phys: "bytes",
          start: Int32Array.from(picks, (k) => 3 * k),
          end: Int32Array.from(picks, (k) => 3 * k + 3),
          bytes: letters,
          validity: null,
        }
      : { phys: "i64", values: BigInt64Array.from(picks, BigInt), validity: null };
    const value = BigInt64Array.from({ length: n }, () => BigInt((next() >>> 8) % 200) - 20n);
    batches.push({
      rows: n,
      columns: [{ phys: "i64", values: time, validity: null }, key, { phys: "i64", values: value, validity: null }],
      weights: null,
    });
  }
  return batches;
}

function operator(spec, keyType, emitted) {
  const input = {
    columns: [
      { name: "ts", type: timestamp },
      { name: "k", type: keyType },
      { name: "v", type: bigint },
    ],
  };
  const context = { inputs: [input], parallelism: 1, subtaskIndex: 0, metrics: { add() {} }, sideOutput: () => null };
  const output = { batch: (b) => (emitted.rows += b.rows), watermark() {}, idle() {} };
  return windowAggregate.create(spec, context, output);
}

function measure(name, spec, keyType, batches) {
  const total = batches.reduce((rows, b) => rows + b.rows, 0);
  let best = Infinity;
  let emitted;
  for (let round = 0; round < 8; round++) {
    emitted = { rows: 0 };
    const op = operator(spec, keyType, emitted);
    const start = process.cpuUsage();
    for (const batch of batches) {
      void op.batch(batch);
      void op.watermark(batch.columns[0].values[batch.rows - 1] - 300_000_000n);
    }
    void op.watermark(2n ** 63n - 1n);
    void op.finish?.();
    const used = process.cpuUsage(start);
    best = Math.min(best, (used.user + used.system) / 1e6);
    void op.close();
  }
  console.log(`${name.padEnd(64)} ${(total / best / 1e6).toFixed(1).padStart(7)} M rows/s  ${emitted.rows} rows out`);
}

const tumble = { kind: "tumble", size_us: hour, offset_us: 0n };
const hop = (k) => ({ kind: "hop", size_us: hour * BigInt(k), slide_us: hour, offset_us: 0n });
const spec = (phase, window, aggregates) => ({
  op: "windowAggregate",
  phase,
  window,
  timeColumn: 0,
  keys: [1],
  aggregates,
  windowColumns: ["window_start", "window_end"],
  timeType: timestamp,
});

const flights = [countAll, over("avg", { id: "double" }), over("max", bigint)];
const byNumber = makeBatches(1_000_000, 100_000, 1000, false);
measure("local TUMBLE count by BIGINT, 1,000 keys, 100,000 rows a window", spec("local", tumble, [countAll]), bigint, byNumber);
measure("single TUMBLE count by BIGINT, the same", spec("single", tumble, [countAll]), bigint, byNumber);
const manyKeys = makeBatches(1_000_000, 500_000, 100_000, false);
measure("local TUMBLE count by BIGINT, 100,000 keys, 500,000 rows a window", spec("local", tumble, [countAll]), bigint, manyKeys);
const byString = makeBatches(1_000_000, 690, 229, true);
measure("local TUMBLE count/avg/max by 3 letters, 229 keys, 690 rows", spec("local", tumble, flights), varchar, byString);
measure("single TUMBLE count/avg/max, the same", spec("single", tumble, flights), varchar, byString);
const dense = makeBatches(1_000_000, 100_000, 229, true);
measure("local TUMBLE count/avg/max by 3 letters, 100,000 rows a window", spec("local", tumble, flights), varchar, dense);
for (const k of [2, 6, 24])
  measure(
    `single HOP size/slide = ${k}, count/avg/max by BIGINT, 1,000 keys`,
    spec("single", hop(k), flights),
    bigint,
    makeBatches(500_000, 20_000, 1000, false),
  );
