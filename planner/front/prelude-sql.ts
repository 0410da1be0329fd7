import { postgresMacros } from "./macros/postgres.ts";

/*
 * Macros that a DuckDB instance needs before it can read a rewritten query, one statement each. What a macro cannot do
 * (DISTINCT and FILTER of aggregates, literals, keywords) is done on the tokens in rewrite/.
 */

/** Postgres' names of the present instant over a function of type TIMESTAMPTZ that planning must not fold: `mr_now`. */
const nowMacros: readonly string[] = [
  ...["now", "get_current_timestamp", "transaction_timestamp", "statement_timestamp", "clock_timestamp", "proctime"].map(
    (name) => `create or replace macro ${name}() as mr_now()`,
  ),
  `create or replace macro current_timestamp(p) as mr_now()`,
  `create or replace macro today() as mr_now()::date`,
  `create or replace macro current_date() as mr_now()::date`,
  `create or replace macro current_localtimestamp() as mr_now()::timestamp`,
  `create or replace macro current_localtime() as mr_now()::timestamp::time`,
  `create or replace macro get_current_time() as mr_now()::timetz`,
  `create or replace macro age(t) as system.main.age(mr_now()::date::timestamp, t), (a, b) as system.main.age(a, b)`,
];

/** The columns of the data without a window's: a cascade replaces those. */
const dataColumns = (...own: readonly string[]): string => {
  const left = ["window_start", "window_end", "window_time", ...own].map((name) => `'${name}'`).join(", ");
  return `columns(lambda c: c not in (${left}))`;
};

const unnested = (name: string, parameters: string, call: string): string =>
  `create or replace macro ${name}(data, timecol, ${parameters}) as table select ${dataColumns("__w")}, unnest(__w) from (select *, ${call} __w from query_table(data))`;

const withOffset = '"offset" := interval 0 second';

/** Window calls over markers (mr_tumble …), which the planner turns back into window nodes: notes of planner/bound. */
const windowMarkerMacros: readonly string[] = [
  `create or replace macro descriptor(c) as c`,
  ...["", "_zoned"].flatMap((suffix) => {
    const zone = suffix === "" ? "''" : "timezone";
    const parameters = suffix === "" ? withOffset : `${withOffset}, timezone := ''`;
    return [
      `create or replace macro tumble${suffix}(data, timecol, size, ${parameters}) as table select ${dataColumns()}, unnest(mr_tumble(timecol, size, "offset", ${zone})) from query_table(data)`,
      unnested(`hop${suffix}`, `slide, size, ${parameters}`, `unnest(mr_hop(timecol, slide, size, "offset", ${zone}))`),
      unnested(`cumulate${suffix}`, `step, size, ${parameters}`, `unnest(mr_cumulate(timecol, step, size, "offset", ${zone}))`),
    ];
  }),
  unnested("session", `gap, keys := null`, `first(mr_session(timecol, gap)) over (partition by keys)`),
];

/** The start of the bucket: of months too, whose origin DuckDB takes by the month alone. */
const bucket = (width: string, wall: string): string => `time_bucket(${width}, ${wall} - "offset", timestamp '1970-01-01') + "offset"`;
const micros = (interval: string): string => `epoch_us(timestamp '1970-01-01' + ${interval})`;
const months = (interval: string): string => `(datepart('year', ${interval}) * 12 + datepart('month', ${interval}))`;
/** How many `part`s make up `size`; both are months, or shorter units. */
const ratio = (size: string, part: string): string =>
  `case when ${months(size)} > 0 then ${months(size)} / ${months(part)}::double else ${micros(size)} / ${micros(part)}::double end`;

interface Clock {
  readonly suffix: string;
  readonly parameters: string;
  /** The time as the clock shows it, and the instant at which it shows that. */
  readonly wall: (instant: string) => string;
  readonly instant: (wall: string) => string;
}

const plainClock: Clock = { suffix: "", parameters: withOffset, wall: (time) => time, instant: (time) => time };
const zonedClock: Clock = {
  suffix: "_zoned",
  parameters: `${withOffset}, timezone := 'UTC'`,
  wall: (time) => `timezone(timezone, ${time})`,
  instant: (time) => `timezone(timezone, ${time})`,
};

/** `window_start`, `window_end`, `window_time` from the first two by the clock. */
const windowColumns = (clock: Clock, start: string, end: string): string =>
  `${clock.instant(start)} as window_start, ${clock.instant(end)} as window_end, ${clock.instant(end)} - interval 1 millisecond as window_time`;

/** Each row with `__s`, the start of the bucket of `width` that holds it, and a number `__i` from 0 up to `copies`. A NULL time has no window. */
const copied = ({ wall }: Clock, width: string, copies: string): string =>
  `(select *, ${bucket(width, wall("timecol"))} __s, ${wall("timecol")} __t from query_table(data) where timecol is not null), range((ceil(${copies}))::bigint) copies(__i)`;

const bucketMacros = (clock: Clock): readonly string[] => {
  const { suffix, parameters, wall } = clock;
  return [
    `create or replace macro tumble${suffix}(data, timecol, size, ${parameters}) as table select ${dataColumns("__s")}, ${windowColumns(clock, "__s", "__s + size")} from (select *, ${bucket("size", wall("timecol"))} __s from query_table(data) where timecol is not null)`,
    `create or replace macro hop${suffix}(data, timecol, slide, size, ${parameters}) as table select ${dataColumns("__s", "__t", "__i")}, ${windowColumns(clock, "__s - slide * __i", "__s - slide * __i + size")} from ${copied(clock, "slide", ratio("size", "slide"))} where __s - slide * __i + size > __t`,
    `create or replace macro cumulate${suffix}(data, timecol, step, size, ${parameters}) as table select ${dataColumns("__s", "__t", "__i")}, ${windowColumns(clock, "__s", "__s + step * (__i + 1)")} from ${copied(clock, "size", ratio("size", "step"))} where __s + step * (__i + 1) > __t`,
  ];
};

/**
 * The same calls with real bodies: the batch answer of a window query. Buckets are aligned to 1970-01-01 plus the offset, whatever
 * its size and sign, and hold negative times. Lengths must be constants of one unit, months or days and less, as the front checks.
 */
const windowBatchMacros: readonly string[] = [
  `create or replace macro descriptor(c) as c`,
  ...bucketMacros(plainClock),
  ...bucketMacros(zonedClock),
  // Two rows exactly `gap` apart are one session. The sum takes in all rows of one time: only one of them, whichever, begins the session.
  `create or replace macro session(data, timecol, gap, keys := null) as table select ${dataColumns("__k", "__t", "__n", "__g")}, min(__t) over session_window as window_start, max(__t) over session_window + gap as window_end, max(__t) over session_window + gap - interval 1 millisecond as window_time from (select *, sum(__n) over (partition by __k order by __t) __g from (select *, case when __t - lag(__t) over (partition by __k order by __t) <= gap then 0 else 1 end __n from (select *, keys as __k, timecol as __t from query_table(data) where timecol is not null))) window session_window as (partition by __k, __g)`,
];

/** For the planning instance, after its marker functions (mr_now, mr_tumble …) are registered. */
export const planningPrelude: readonly string[] = [...postgresMacros, ...nowMacros, ...windowMarkerMacros];

/** For an instance that answers rewritten queries over stored rows. */
export const batchPrelude: readonly string[] = [...postgresMacros, ...windowBatchMacros];
