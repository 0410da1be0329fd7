import type { ReaderContext, ReadResult, SourceReader, SplitPosition } from "../../contract/connector.ts";
import { SqlError, TaskFailure } from "../../contract/errors.ts";
import type { SourceSpec } from "../../contract/job-graph.ts";
import { type Field, formatType, type Schema, sameType } from "../../contract/types.ts";
import { parseTimestamp } from "../../formats/parse-time.ts";
import { Lanes, type Run } from "../lanes.ts";
import { mix } from "../mix.ts";
import { OptionReader } from "../options.ts";
import { Pace } from "../pace.ts";
import { auctionColumns, personColumns } from "./auction-person.ts";
import { bidColumns } from "./bid.ts";
import { type NexmarkTable, nexmarkOptions, nexmarkTable, nexmarkTables } from "./descriptor.ts";
import { block_events, epoch_events, type EventTime, type Fill, type MakeFill, type Places } from "./fill.ts";

/** Room for four blocks of bids. */
const batch_rows_max = 4_096;
/** The rare kinds: a call goes over so many blocks at most, and so returns soon. */
const blocks_perRead_max = 64;

/** Places of an epoch's events, by kind. */
const inEpochOf: Readonly<Record<NexmarkTable, (inEpoch: number) => boolean>> = {
  person: (n) => n === 0,
  auction: (n) => n >= 1 && n <= 3,
  bid: (n) => n >= 4,
};
const columnsOf: Readonly<Record<NexmarkTable, (time: EventTime) => Readonly<Record<string, MakeFill>>>> = {
  person: personColumns,
  auction: auctionColumns,
  bid: bidColumns,
};

const two32 = 4_294_967_296;
const wait: ReadResult = { kind: "wait" };
const end: ReadResult = { kind: "end" };

export class NexmarkReader implements SourceReader {
  private readonly lanes: Lanes;
  private readonly pace: Pace;
  private readonly seed: number;
  private readonly time: EventTime;
  private readonly firstTime_us: number;
  private readonly fills: readonly Fill[];
  /** Of the rows of a block: which event of the block each is; and how many rows lie before each event. */
  private readonly event: Int32Array;
  private readonly rowsBefore: Int32Array;
  private readonly h: Int32Array;
  private readonly g: Int32Array;

  constructor(spec: SourceSpec, context: ReaderContext) {
    const options = new OptionReader(nexmarkOptions, spec.options);
    this.lanes = new Lanes(block_events, options.number("events") ?? 0, context.subtaskIndex, context.parallelism);
    this.pace = new Pace(context.world.clock, options.number("rate") ?? 0);
    this.seed = mix((options.number("seed") ?? 0) | 0);
    this.time = { spacing_us: 1_000_000 / positive(options.number("event_rate")), outOfOrder_us: options.duration_us("out_of_order") };
    this.firstTime_us = firstTime(options.text("first_event_time") ?? "");
    const table = nexmarkTable(spec.options);
    const places = placesOf(table);
    this.event = places.event;
    this.rowsBefore = Int32Array.from({ length: block_events + 1 }, (_, e) => places.event.filter((event) => event < e).length);
    this.h = new Int32Array(places.event.length);
    this.g = new Int32Array(places.event.length);
    this.fills = fillsOf(spec.schema, table, this.time, places);
  }

  async open(restored: readonly SplitPosition[]): Promise<void> {
    this.lanes.restore(restored);
  }

  read(): ReadResult {
    let rows = 0;
    for (let blocks = 0; blocks < blocks_perRead_max; blocks++) {
      const lowest = this.lanes.lowest();
      if (lowest === null) return rows > 0 ? this.batch(rows) : end;
      const run = this.lanes.run(lowest, this.pace.limit(lowest));
      if (run.from === run.to) return rows > 0 ? this.batch(rows) : wait;
      const produced = this.rowsIn(run);
      if (rows + produced > batch_rows_max) break;
      this.produce(run, rows);
      rows += produced;
      this.lanes.advance(run, run.to);
    }
    return this.batch(rows);
  }

  positions(): readonly SplitPosition[] {
    return this.lanes.positions();
  }

  async close(): Promise<void> {}

  private batch(rows: number): ReadResult {
    return { kind: "batch", batch: { rows, columns: this.fills.map(({ column }) => column), weights: null } };
  }

  private rowsIn({ from, to }: Run): number {
    const block = from - (from % block_events);
    return (this.rowsBefore[to - block] as number) - (this.rowsBefore[from - block] as number);
  }

  private produce(run: Run, at: number): void {
    const block = run.from - (run.from % block_events);
    const from = this.rowsBefore[run.from - block] as number;
    const to = this.rowsBefore[run.to - block] as number;
    this.hash(block, from, to);
    const time0_us = this.firstTime_us + Math.floor(block * this.time.spacing_us);
    const rows = { from, to, at, epoch0: block / epoch_events, time0_us, h: this.h, g: this.g };
    for (const column of this.fills) column.fill(rows);
  }

  /** Two hashes of each row: functions of the seed and the event's number alone. */
  private hash(block: number, from: number, to: number): void {
    const { event, h, g } = this;
    const low = block | 0;
    const salt = this.seed ^ mix(Math.floor(block / two32));
    for (let i = from; i < to; i++) {
      const n = (low + (event[i] as number)) | 0;
      h[i] = mix(n ^ salt ^ 0x5bd1e995);
      g[i] = mix((Math.imul(n, 0x9e3779b1) + 77) ^ salt);
    }
  }
}

function placesOf(table: NexmarkTable): Places {
  const event = Int32Array.from({ length: block_events }, (_, n) => n).filter((n) => inEpochOf[table](n % epoch_events));
  return { event, epoch: event.map((n) => Math.floor(n / epoch_events)), inEpoch: event.map((n) => n % epoch_events) };
}

function fillsOf(schema: Schema, table: NexmarkTable, time: EventTime, places: Places): readonly Fill[] {
  const makers = columnsOf[table](time);
  return schema.columns.map((field) => {
    const column = nexmarkTables[table].columns.find(({ name }) => name === field.name);
    const make = makers[field.name];
    if (column === undefined || make === undefined || !sameType(column.type, field.type)) throw wrongColumn(field, table);
    return make(batch_rows_max, places);
  });
}

function wrongColumn(field: Field, table: NexmarkTable): TaskFailure {
  const columns = nexmarkTables[table].columns.map(({ name, type }) => `${name} ${formatType(type)}`);
  return new TaskFailure(
    "user",
    "fail",
    `nexmark has no column "${field.name}" ${formatType(field.type)}; ${table} has ${columns.join(", ")}`,
    {
      sqlState: "42703",
    },
  );
}

const positive = (rate: number | null): number => (rate !== null && rate > 0 ? rate : 100_000);

function firstTime(text: string): number {
  const micros = parseTimestamp(text);
  if (micros !== null) return Number(micros);
  throw new SqlError({ sqlState: "22007", message: `option "first_event_time" is no time stamp: "${text}"` });
}
