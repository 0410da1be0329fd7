import type { AnyWindowSpec, JoinKind, JoinType, OperatorSpec } from "../../../runtime/contract/job-graph.ts";
import {
  announces,
  doesNotWait,
  doubles,
  forgets,
  forgetsTimers,
  hastes,
  ignores,
  keeps,
  loses,
  misread,
  type Plant,
  repeats,
  sleeps,
  stands,
} from "./plant.ts";

type SpecOf<O extends OperatorSpec["op"]> = Extract<OperatorSpec, { readonly op: O }>;

export interface Planting<S extends OperatorSpec> {
  /** Features of queries whose plans have the operator; null: no random query can see it, and why. */
  readonly features: readonly string[] | { readonly unseen: string };
  /** The first one is planted with every test run, the others by `npm run fuzz -- --plant`. */
  readonly plants: readonly Plant<S>[];
}

const ms_us = 1_000n;

const shifted = <W extends AnyWindowSpec | { readonly kind: "attached" }>(window: W): W => {
  if (window.kind === "attached") return window;
  if (window.kind === "calendar") return { ...window, offset: { ...window.offset, micros: window.offset.micros + ms_us } };
  return { ...window, offset_us: (window as Extract<AnyWindowSpec, { offset_us: bigint }>).offset_us + ms_us };
};

const inverse = { inner: "left", left: "inner", right: "inner", full: "left", semi: "anti", anti: "semi" } as const satisfies Record<
  JoinType,
  JoinType
>;
const inverseKind = (kind: JoinKind): JoinKind => (kind === "mark" || kind === "single" ? kind : inverse[kind]);

const oneMore = (to: number | null): number | null => (to === null ? null : to + 1);

const windowFeatures = ["TUMBLE", "HOP", "CUMULATE"];

/** Faults for every operator of the registry. */
export const plantings: { readonly [O in OperatorSpec["op"]]: Planting<SpecOf<O>> } = {
  asofChangelogJoin: {
    features: ["ASOF next row"],
    plants: [
      misread("takes equal times to be after each other, or not", (spec) => ({
        ...spec,
        comparison: ({ "<": "<=", "<=": "<", ">": ">=", ">=": ">" } as const)[spec.comparison],
      })),
      misread("pads where it should not, or not where it should", (spec) => ({ ...spec, join: spec.join === "left" ? "inner" : "left" })),
      forgets,
      loses,
    ],
  },
  asofJoin: {
    features: ["ASOF JOIN", "ASOF LEFT JOIN", "FOR SYSTEM_TIME JOIN", "FOR SYSTEM_TIME LEFT JOIN"],
    plants: [
      misread("takes equal times to be after each other, or not", (spec) => ({ ...spec, strict: !spec.strict })),
      misread("pads where it should not, or not where it should", (spec) => ({ ...spec, join: spec.join === "left" ? "inner" : "left" })),
      misread("NULL is a key like others", (spec) => ({ ...spec, nullSafe: spec.nullSafe.map((isSafe) => !isSafe) })),
      forgets,
      loses,
      hastes,
    ],
  },
  calc: {
    features: ["projection", "GROUP BY"],
    plants: [misread("lets all rows pass", (spec) => ({ ...spec, filter: null })), keeps, forgets],
  },
  changeEnvelope: {
    features: ["INSERT upserts", "INSERT changes"],
    plants: [ignores, forgets, doubles],
  },
  duckdbCalc: {
    features: ["function via DuckDB"],
    plants: [forgets, misread("lets all rows pass", (spec) => ({ ...spec, filter: null })), ignores],
  },
  eventTimeOver: {
    features: ["over in event time", "first row in event time"],
    plants: [
      misread("forgets how rows of one time are ordered", (spec) => ({ ...spec, order: spec.order.slice(0, 1) })),
      forgets,
      loses,
      hastes,
    ],
  },
  groupAggregate: {
    features: ["GROUP BY", "aggregate without keys"],
    plants: [
      keeps,
      forgets,
      loses,
      misread("counts what is equal more than once", (spec) => ({
        ...spec,
        aggregates: spec.aggregates.map((call) => ({ ...call, distinct: false })),
      })),
      misread("does not look at FILTER", (spec) => ({ ...spec, aggregates: spec.aggregates.map((call) => ({ ...call, filter: null })) })),
    ],
  },
  intervalJoin: {
    features: [
      "interval JOIN",
      "interval LEFT JOIN",
      "interval RIGHT JOIN",
      "interval FULL JOIN",
      "interval EXISTS",
      "interval NOT EXISTS",
    ],
    plants: [
      misread("ends a millisecond early", (spec) => ({ ...spec, upper_us: spec.upper_us - ms_us })),
      misread("begins a millisecond early", (spec) => ({ ...spec, lower_us: spec.lower_us - ms_us })),
      misread("NULL is a key like others, or not", (spec) => ({ ...spec, nullSafe: spec.nullSafe.map((isSafe) => !isSafe) })),
      misread("joins otherwise", (spec) => ({ ...spec, join: inverse[spec.join] })),
      forgets,
      loses,
      hastes,
    ],
  },
  javascriptCalc: {
    features: ["JavaScript function"],
    plants: [
      misread("calls with NULL where it should not, or not where it should", (spec) => ({
        ...spec,
        calls: spec.calls.map((call) => ({ ...call, function: { ...call.function, strict: !call.function.strict } })),
      })),
      forgets,
      ignores,
    ],
  },
  join: {
    features: ["join JOIN", "join LEFT JOIN", "join FULL JOIN", "join ANTI JOIN", "NOT IN subquery", "join on IS NOT DISTINCT FROM"],
    plants: [
      keeps,
      misread("NULL is equal to NULL, or not", (spec) => ({ ...spec, nullsMatch: spec.nullsMatch.map((isMatch) => !isMatch) })),
      misread("joins otherwise", (spec) => ({ ...spec, kind: inverseKind(spec.kind) })),
      misread("looks at the keys alone", (spec) => ({ ...spec, residual: null })),
      ignores,
      forgets,
      loses,
    ],
  },
  lookupJoin: {
    features: ["lookup JOIN", "lookup LEFT JOIN"],
    plants: [
      doesNotWait,
      misread("pads where it should not, or not where it should", (spec) => ({ ...spec, join: spec.join === "left" ? "inner" : "left" })),
      ignores,
      forgets,
      loses,
    ],
  },
  over: {
    features: ["over row_number", "over lag/lead", "over aggregate ROWS", "over aggregate whole", "over first/last_value"],
    plants: [
      keeps,
      ignores,
      forgets,
      loses,
      misread("sorts by the first key alone", (spec) => ({ ...spec, order: spec.order.slice(0, 1) })),
    ],
  },
  processingTime: {
    features: ["PROCTIME windows"],
    plants: [stands, forgets],
  },
  rank: {
    features: ["top-N row_number", "top-N rank", "top-N dense_rank", "ORDER BY LIMIT", "DISTINCT ON", "QUALIFY rank"],
    plants: [misread("keeps one rank too many", (spec) => ({ ...spec, to: oneMore(spec.to) })), keeps, ignores, forgets, loses],
  },
  sessionAggregate: {
    features: ["SESSION"],
    plants: [
      misread("lets a gap last a millisecond less", (spec) => ({ ...spec, gap_us: spec.gap_us - ms_us })),
      misread("lets a gap last a millisecond more", (spec) => ({ ...spec, gap_us: spec.gap_us + ms_us })),
      forgets,
      loses,
      hastes,
    ],
  },
  sessionAssign: {
    features: ["SESSION"],
    plants: [misread("lets a gap last a millisecond less", (spec) => ({ ...spec, gap_us: spec.gap_us - ms_us })), forgets, loses, hastes],
  },
  emitEvery: {
    features: { unseen: "random queries are compared after each step, not when an interval is over; emit-every.test.ts waits for it" },
    plants: [forgets, loses, keeps],
  },
  setOperation: {
    features: ["INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL"],
    plants: [keeps, misread("counts copies, or does not", (spec) => ({ ...spec, all: !spec.all })), ignores, forgets, loses],
  },
  sink: { features: ["projection"], plants: [doubles, ignores, forgets] },
  source: {
    features: { unseen: "the laboratory feeds the rows of its sources itself; plant-source.test.ts reads files" },
    plants: [loses, repeats],
  },
  temporalFilter: {
    features: ["temporal filter ends", "temporal filter begins", "temporal filter between"],
    plants: [
      misread("takes a bound to be beyond itself, or not", (spec) => ({
        ...spec,
        bounds: spec.bounds.map((bound) => ({
          ...bound,
          operator: ({ ">": ">=", ">=": ">", "<": "<=", "<=": "<" } as const)[bound.operator],
        })),
      })),
      keeps,
      sleeps,
      forgets,
      loses,
      forgetsTimers,
    ],
  },
  unnest: {
    features: ["unnest", "unnest LEFT JOIN", "generate_series", "generate_series LEFT JOIN"],
    plants: [misread("gives a row for no element, or none", (spec) => ({ ...spec, outer: !spec.outer })), ignores, forgets],
  },
  values: {
    features: ["VALUES", "generate_series as a table"],
    plants: [
      misread("leaves out the last row", ({ op, content }) =>
        content.kind === "rows"
          ? { op, content: { ...content, rows: content.rows.slice(0, -1) } }
          : { op, content: { ...content, count: content.count - 1 } },
      ),
      loses,
    ],
  },
  watermark: { features: [...windowFeatures, "SESSION"], plants: [announces, forgets] },
  windowAggregate: {
    features: windowFeatures,
    plants: [misread("begins windows a millisecond late", (spec) => ({ ...spec, window: shifted(spec.window) })), forgets, loses, hastes],
  },
  windowAssign: {
    features: ["window join", "top-N in windows row_number", "over in windows"],
    plants: [misread("begins windows a millisecond late", (spec) => ({ ...spec, window: shifted(spec.window) })), forgets],
  },
  windowGroupAggregate: {
    features: ["EMIT EVERY", "EMIT ON UPDATE", "calendar TUMBLE", "calendar HOP", "calendar CUMULATE", "allowed_lateness"],
    plants: [
      misread("begins windows a millisecond late", (spec) => ({ ...spec, window: shifted(spec.window) })),
      keeps,
      forgets,
      loses,
      hastes,
    ],
  },
  windowJoin: {
    features: ["window JOIN", "window LEFT JOIN", "window RIGHT JOIN", "window FULL JOIN", "window SEMI JOIN", "window ANTI JOIN"],
    plants: [
      misread("joins otherwise", (spec) => ({ ...spec, join: inverse[spec.join] })),
      misread("looks at the keys alone", (spec) => ({ ...spec, residual: null })),
      forgets,
      loses,
      hastes,
    ],
  },
  windowOver: {
    features: ["over in windows"],
    plants: [forgets, misread("sorts by the first key alone", (spec) => ({ ...spec, order: spec.order.slice(0, 1) })), loses, hastes],
  },
  windowRank: {
    features: ["top-N in windows row_number", "top-N in windows rank", "top-N in windows dense_rank"],
    plants: [misread("keeps one rank too many", (spec) => ({ ...spec, to: oneMore(spec.to) })), forgets, loses, hastes],
  },
};
