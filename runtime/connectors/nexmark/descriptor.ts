import type { OptionSpec, SourceConnector } from "../../contract/connector.ts";
import type { ConnectorOptions } from "../../contract/job-graph.ts";
import { bigint, type Schema, timestamp, varchar } from "../../contract/types.ts";
import { lazyReader } from "../lazy.ts";

export const nexmarkOptions: readonly OptionSpec[] = [
  { name: "table", kind: "text", values: ["person", "auction", "bid"], default: "bid", doc: "Which kind of event the source reads." },
  {
    name: "events",
    kind: "integer",
    default: "0",
    doc: "Events of all kinds: 1 of 50 is a person, 3 are auctions, 46 bids. 0: without end.",
  },
  { name: "rate", kind: "number", default: "0", doc: "Events of all kinds a second, by the clock. 0: as fast as they are taken." },
  { name: "seed", kind: "integer", default: "0", doc: "Other seeds give other values, in the same order of events." },
  { name: "first_event_time", kind: "text", default: "2026-01-01 00:00:00", doc: "Event time of the first event." },
  { name: "event_rate", kind: "number", default: "100000", doc: "Events of all kinds in a second of event time." },
  { name: "out_of_order", kind: "duration", default: "0s", doc: "How much earlier than its place in the stream an event's time may lie." },
];

/** The public benchmark's columns. */
export const nexmarkTables = {
  bid: schemaOf(["auction", "bidder", "price"], ["channel", "url"], ["date_time"], ["extra"]),
  auction: {
    columns: [
      { name: "id", type: bigint },
      { name: "item_name", type: varchar },
      { name: "description", type: varchar },
      { name: "initial_bid", type: bigint },
      { name: "reserve", type: bigint },
      { name: "date_time", type: timestamp },
      { name: "expires", type: timestamp },
      { name: "seller", type: bigint },
      { name: "category", type: bigint },
      { name: "extra", type: varchar },
    ],
  },
  person: schemaOf(["id"], ["name", "email_address", "credit_card", "city", "state"], ["date_time"], ["extra"]),
} as const satisfies Readonly<Record<string, Schema>>;
export type NexmarkTable = keyof typeof nexmarkTables;

function schemaOf(ids: readonly string[], texts: readonly string[], times: readonly string[], last: readonly string[]): Schema {
  return {
    columns: [
      ...ids.map((name) => ({ name, type: bigint })),
      ...texts.map((name) => ({ name, type: varchar })),
      ...times.map((name) => ({ name, type: timestamp })),
      ...last.map((name) => ({ name, type: varchar })),
    ],
  };
}

export const nexmarkTable = (options: ConnectorOptions): NexmarkTable => (options["table"] ?? "bid") as NexmarkTable;

export const nexmark: SourceConnector = {
  name: "nexmark",
  doc: "The Nexmark benchmark's auction events, made by a pure function of seed and event number.",
  options: nexmarkOptions,
  columns: (options) => nexmarkTables[nexmarkTable(options)],
  bounded: (options) => Number(options["events"] ?? "0") > 0,
  createReader: (spec, context) => lazyReader(async () => new (await import("./reader.ts")).NexmarkReader(spec, context)),
};
