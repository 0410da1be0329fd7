/*
 * Macros that a DuckDB instance needs before it can read a rewritten query, one statement each. What a macro cannot do
 * (DISTINCT and FILTER of aggregates, literals, keywords) is done on the tokens in rewrite/.
 */

/** Postgres' operators. Their names are those that rewrite/operator-rules.ts writes. */
const operatorMacros = [
  // Division of integers is integer division; division by zero is NULL on both sides (DuckDB's //).
  `create or replace macro "/"(a, b) as a // b`,
  `create or replace macro "@~"(a, b) as regexp_matches(a, b)`,
  `create or replace macro "!@~"(a, b) as not regexp_matches(a, b)`,
  `create or replace macro "~*"(a, b) as regexp_matches(a, b, 'i')`,
  `create or replace macro "!~*"(a, b) as not regexp_matches(a, b, 'i')`,
  `create or replace macro "@%"(a, b) as regexp_full_match(a, replace(replace(b, '%', '.*'), '_', '.'))`,
  `create or replace macro "!@%"(a, b) as not regexp_full_match(a, replace(replace(b, '%', '.*'), '_', '.'))`,
  `create or replace macro "|/"(a) as sqrt(a)`,
  `create or replace macro "||/"(a) as cbrt(a)`,
  `create or replace macro "@->"(j, k) as json_extract(j, k)`,
  `create or replace macro "@|>"(j, p) as json_extract(j, '$.' || replace(trim(p, '{}'), ',', '.'))`,
  `create or replace macro "@|>>"(j, p) as json_extract_string(j, '$.' || replace(trim(p, '{}'), ',', '.'))`,
];

const capture = (group: number): string => `regexp_extract(s, '(?:' || p || ')()()()()', ${group})`;
/** A capturing group, to be counted in a pattern. */
const group = String.raw`'\((\?[^:=!<]|[^?])'`;

const stringMacros = [
  `create or replace macro octet_length(s) as strlen(s)`,
  `create or replace macro initcap(s) as array_to_string(list_transform(regexp_extract_all(s, '[[:alnum:]]+|[^[:alnum:]]+'), lambda w: upper(w[1]) || lower(w[2:])), '')`,
  `create or replace macro btrim(s) as trim(s), (s, c) as trim(s, c)`,
  `create or replace macro overlay_text(s, r, f) as substr(s, 1, f - 1) || r || substr(s, f + length(r)), (s, r, f, n) as substr(s, 1, f - 1) || r || substr(s, f + n)`,
  `create or replace macro substring(s, f) as system.main.substring(s, f), (s, f, n) as system.main.substring(s, greatest(f, 1), greatest(0, n + least(f, 1) - 1))`,
  `create or replace macro substr(s, f) as system.main.substring(s, f), (s, f, n) as system.main.substring(s, greatest(f, 1), greatest(0, n + least(f, 1) - 1))`,
  `create or replace macro to_hex(n) as lower(system.main.to_hex(n))`,
  `create or replace macro encode(b, f) as case f when 'hex' then lower(hex(b)) when 'base64' then to_base64(b) end`,
  `create or replace macro quote_literal(s) as '''' || replace(s, '''', '''''') || ''''`,
  `create or replace macro quote_ident(s) as case when regexp_full_match(s, '[a-z_][a-z0-9_]*') then s else '"' || replace(s, '"', '""') || '"' end`,
  `create or replace macro regexp_match(s, p) as case when regexp_matches(s, p) then case when regexp_matches(p, ${group}) then list_slice([${[1, 2, 3, 4].map(capture).join(", ")}], 1, greatest(1, len(regexp_extract_all(p, ${group})))) else [regexp_extract(s, p)] end end`,
  `create or replace macro regexp_like(s, p) as regexp_matches(s, p)`,
  `create or replace macro regexp_count(s, p) as len(regexp_extract_all(s, p))`,
  `create or replace macro regexp_substr(s, p) as case when regexp_matches(s, p) then regexp_extract(s, p) end`,
  `create or replace macro count_char(s, c) as length(s) - length(replace(s, c, ''))`,
  `create or replace macro split_index(s, d, n) as string_split(s, d)[n + 1]`,
];

const timeMacros = [
  `create or replace macro justify_hours(i) as i - to_hours(datepart('hour', i)) + to_days((datepart('hour', i) // 24)::int) + to_hours(datepart('hour', i) % 24)`,
  `create or replace macro justify_days(i) as i - to_days(datepart('day', i)::int) + to_months((datepart('day', i) // 30)::int) + to_days((datepart('day', i) % 30)::int)`,
  `create or replace macro date_bin(s, t, o) as time_bucket(s::interval, t, o)`,
  `create or replace macro make_interval(years := 0, months := 0, weeks := 0, days := 0, hours := 0, mins := 0, secs := 0) as to_years(years) + to_months(months) + to_weeks(weeks) + to_days(days) + to_hours(hours) + to_minutes(mins) + to_seconds(secs)`,
  `create or replace macro "overlaps"(a, b, c, d) as a < d and c < b`,
];

const collectionMacros = [
  `create or replace macro cardinality(a) as len(a)`,
  `create or replace macro array_remove(a, x) as list_filter(a, lambda e: e is distinct from x)`,
  `create or replace macro array_to_string(a, s) as list_aggr(a, 'string_agg', s), (a, s, n) as list_aggr(list_transform(a, lambda e: coalesce(e::varchar, n)), 'string_agg', s)`,
  `create or replace macro array_join(a, s) as array_to_string(a, s)`,
  `create or replace macro json_typeof(j) as case json_type(j) when 'VARCHAR' then 'string' when 'BIGINT' then 'number' when 'UBIGINT' then 'number' when 'DOUBLE' then 'number' else lower(json_type(j)) end`,
  `create or replace macro jsonb_typeof(j) as json_typeof(j)`,
  `create or replace macro jsonb_array_length(j) as json_array_length(j)`,
  `create or replace macro to_jsonb(x) as to_json(x)`,
  `create or replace macro jsonb_extract_path_text(j, a) as json_extract_string(j, a), (j, a, b) as json_extract_string(json_extract(j, a), b), (j, a, b, c) as json_extract_string(json_extract(json_extract(j, a), b), c)`,
  `create or replace macro num_nonnulls(a, b) as (a is not null)::int + (b is not null)::int, (a, b, c) as (a is not null)::int + (b is not null)::int + (c is not null)::int`,
];

const numberMacros = [
  `create or replace macro div(a, b) as trunc(a // b)`,
  `create or replace macro width_bucket(x, a, b, n) as case when x < a then 0 when x >= b then n + 1 else floor((x - a) * n / (b - a)::double)::int + 1 end`,
];

const postgresMacros: readonly string[] = [...operatorMacros, ...stringMacros, ...timeMacros, ...collectionMacros, ...numberMacros];

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
  // Two rows exactly `gap` apart are one session.
  `create or replace macro session(data, timecol, gap, keys := null) as table select ${dataColumns("__k", "__t", "__n", "__g")}, min(__t) over session_window as window_start, max(__t) over session_window + gap as window_end, max(__t) over session_window + gap - interval 1 millisecond as window_time from (select *, sum(__n) over (partition by __k order by __t rows unbounded preceding) __g from (select *, case when __t - lag(__t) over (partition by __k order by __t) <= gap then 0 else 1 end __n from (select *, keys as __k, timecol as __t from query_table(data) where timecol is not null))) window session_window as (partition by __k, __g)`,
];

/** For the planning instance, after its marker functions (mr_now, mr_tumble …) are registered. */
export const planningPrelude: readonly string[] = [...postgresMacros, ...nowMacros, ...windowMarkerMacros];

/** For an instance that answers rewritten queries over stored rows. */
export const batchPrelude: readonly string[] = [...postgresMacros, ...windowBatchMacros];
