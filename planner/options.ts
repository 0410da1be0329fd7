import type { OptionSpec } from "../runtime/contract/connector.ts";
import type { AutoscaleOptions, CheckpointOptions, RestartStrategy, SavepointOrigin } from "../runtime/contract/control.ts";
import { SqlError } from "../runtime/contract/errors.ts";
import { defaultMaxParallelism } from "../runtime/contract/hash.ts";
import { limits } from "../runtime/contract/limits.ts";
import { durationOf_us } from "../runtime/contract/duration.ts";
import type { Options, OptionValue } from "./front/statement.ts";
import { requireTimeZone } from "./logical/window-spec.ts";
import { suggest } from "../runtime/contract/suggest.ts";

/** Every option of CREATE STREAMING JOB … WITH (…); docs/reference is generated from this table. */
export const jobOptions = [
  { name: "parallelism", kind: "integer", doc: "How many subtasks an operator has; by default 1." },
  {
    name: "max_parallelism",
    kind: "integer",
    doc: "Number of key groups: the widest the job can ever run; by default 128, more for wider jobs. Fixed once the job has state.",
  },
  {
    name: "min_parallelism",
    kind: "integer",
    doc: "Scales the job with its load, between this and max_parallelism (or the slots that there are), from checkpoint to checkpoint; by default its parallelism stays.",
  },
  {
    name: "scale_interval",
    kind: "duration",
    default: "30s",
    doc: "min_parallelism: how long a load must hold before the job is scaled; it then runs four times as long before it is scaled again.",
  },
  {
    name: "operator_parallelism",
    kind: "text",
    doc: "Parallelism of single operators, by the names that EXPLAIN (JOB) prints: 'agg=2,source=1'.",
  },
  { name: "checkpoint_interval", kind: "duration", default: "1s", doc: "Time between checkpoints, and so between visible results." },
  { name: "checkpoint_timeout", kind: "duration", default: "10m", doc: "A checkpoint that takes longer is given up." },
  { name: "min_pause", kind: "duration", default: "0", doc: "Least time between the end of a checkpoint and the start of the next." },
  {
    name: "max_concurrent_checkpoints",
    kind: "integer",
    default: "1",
    doc: "Checkpoints that may be under way at a time; more than 1 neither with min_pause nor with unaligned_checkpoints.",
  },
  {
    name: "unaligned_checkpoints",
    kind: "boolean",
    default: "off",
    doc: "Barriers overtake rows where a task is slow, and the overtaken rows are stored with the checkpoint. Savepoints are aligned all the same.",
  },
  {
    name: "aligned_checkpoint_timeout",
    kind: "duration",
    default: "0",
    doc: "unaligned_checkpoints: how long a barrier keeps its place among the rows before it overtakes them.",
  },
  { name: "tolerable_failed_checkpoints", kind: "integer", default: "3", doc: "Failed checkpoints in a row before the job restarts." },
  { name: "retained_checkpoints", kind: "integer", default: "2", doc: "Completed checkpoints that are kept." },
  {
    name: "restart_strategy",
    kind: "text",
    values: ["none", "fixed-delay", "failure-rate", "exponential-delay"],
    default: "exponential-delay",
    doc: "What happens after a fault.",
  },
  { name: "restart_attempts", kind: "integer", default: "3", doc: "fixed-delay: restarts before the job fails." },
  {
    name: "restart_delay",
    kind: "duration",
    default: "1s",
    doc: "Wait before a restart; the first wait of exponential-delay, which does not wait for a job that lost a slot after 10 quiet seconds.",
  },
  { name: "restart_failures", kind: "integer", default: "3", doc: "failure-rate: faults within restart_interval before the job fails." },
  { name: "restart_interval", kind: "duration", default: "1m", doc: "failure-rate: the time in which faults are counted." },
  { name: "restart_max_delay", kind: "duration", default: "1m", doc: "exponential-delay: the longest wait." },
  {
    name: "restart_reset",
    kind: "duration",
    default: "1h",
    doc: "exponential-delay: a run of this length without a fault starts the waits afresh.",
  },
  {
    name: "late_rows",
    kind: "text",
    doc: "Name of a table that rows go to when their window has closed; by default they are counted and dropped.",
  },
  {
    name: "allowed_lateness",
    kind: "duration",
    default: "0",
    doc: "How long a window is kept beyond its end: rows that come in this time correct its result.",
  },
  {
    name: "state_ttl",
    kind: "text",
    doc: "State that nothing else bounds is forgotten when no row has touched it for so long (processing time): rows of joins by themselves, groups, partitions and distinct rows by key. Results stay as they are. A duration, or one per side of joins: 'left=1h,right=6h'. By default state is kept as long as the job.",
  },
  {
    name: "timezone",
    kind: "text",
    default: "UTC",
    doc: "By whose clocks windows over TIMESTAMP WITH TIME ZONE begin and end: a name such as Europe/Berlin.",
  },
  {
    name: "local_aggregate",
    kind: "text",
    values: ["auto", "on", "off"],
    default: "auto",
    doc: "Pre-aggregate in front of exchanges; auto: where the job runs wider than 1.",
  },
  {
    name: "from_savepoint",
    kind: "text",
    doc: "The savepoint, by name or path, whose state a new job begins with: matched by operator uid, columns by name.",
  },
  {
    name: "allow_non_restored_state",
    kind: "boolean",
    default: "off",
    doc: "from_savepoint: state of operators that the job does not have is let go instead of refused.",
  },
  { name: "chaining", kind: "boolean", default: "on", doc: "Run operators that follow each other in one thread without an exchange." },
] as const satisfies readonly OptionSpec[];

type JobOptionName = (typeof jobOptions)[number]["name"];

export interface JobOptions {
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly operatorParallelism: readonly OperatorParallelism[];
  readonly checkpoints: CheckpointOptions;
  readonly restart: RestartStrategy;
  readonly autoscale: AutoscaleOptions | null;
  readonly lateRows: { readonly table: string; readonly at: number } | null;
  readonly allowedLateness_us: bigint;
  readonly stateTtl: StateTtl;
  readonly timeZone: string;
  readonly localAggregate: boolean;
  readonly chaining: boolean;
  readonly savepoint: SavepointOrigin | null;
}

export interface OperatorParallelism {
  readonly operator: string;
  readonly parallelism: number;
  readonly at: number;
}

/** Flink's names of options, behind `execution.checkpointing.`. */
const flinkNames = {
  interval: "checkpoint_interval",
  timeout: "checkpoint_timeout",
  "min-pause": "min_pause",
  "max-concurrent-checkpoints": "max_concurrent_checkpoints",
  "tolerable-failed-checkpoints": "tolerable_failed_checkpoints",
  "num-retained": "retained_checkpoints",
  "unaligned.enabled": "unaligned_checkpoints",
  "aligned-checkpoint-timeout": "aligned_checkpoint_timeout",
} as const satisfies Readonly<Record<string, JobOptionName>>;

function ownName(name: string): string {
  const flink = /^execution\.checkpointing\.(.+)$/.exec(name.toLowerCase().replaceAll("_", "-"))?.[1];
  return flink !== undefined && Object.hasOwn(flinkNames, flink) ? flinkNames[flink as keyof typeof flinkNames] : name;
}

/** The options under our names. */
function underOwnNames(options: Options): Options {
  const own = new Map<string, OptionValue>();
  for (const [name, option] of options) {
    const known = ownName(name);
    if (own.has(known)) {
      throw new SqlError({
        sqlState: "22023",
        message: `option "${known}" is given twice, as "${name}" is another name for it`,
        at: option.at,
      });
    }
    own.set(known, option);
  }
  return own;
}

/** Reads and checks the options of a job. Throws SqlError 22023 at the option for one that is unknown or malformed. */
export function readJobOptions(given: Options, defaultParallelism: number): JobOptions {
  const options = underOwnNames(given);
  for (const [name, option] of options) requireKnown(name, option);
  const values = new Values(options);
  const parallelism = values.integer("parallelism", 1, limits.parallelism_max, defaultParallelism);
  const maxParallelism = values.integer("max_parallelism", 1, 32_768, defaultMaxParallelism(parallelism));
  if (parallelism > maxParallelism) {
    throw values.invalid("parallelism", `must not exceed max_parallelism, which is ${maxParallelism}`);
  }
  const late = options.get("late_rows");
  const from = options.get("from_savepoint");
  const local = values.text("local_aggregate");
  return {
    parallelism,
    maxParallelism,
    operatorParallelism: readOperatorParallelism(options.get("operator_parallelism"), maxParallelism),
    checkpoints: readCheckpoints(values),
    restart: readRestart(values),
    autoscale: readAutoscale(values, options.has("min_parallelism"), maxParallelism),
    lateRows: late === undefined ? null : { table: late.value, at: late.at },
    allowedLateness_us: BigInt(values.duration_ms("allowed_lateness", 0)) * 1_000n,
    stateTtl: readStateTtl(options.get("state_ttl")),
    timeZone: requireTimeZone(options.get("timezone")?.value ?? "UTC", options.get("timezone")?.at),
    localAggregate: local === "on" || (local === "auto" && parallelism > 1),
    chaining: values.boolean("chaining"),
    savepoint: from === undefined ? null : { path: from.value, allowNonRestoredState: values.boolean("allow_non_restored_state") },
  };
}

/** On when there is something to choose from. */
function readAutoscale(values: Values, isSet: boolean, max: number): AutoscaleOptions | null {
  const interval_ms = values.duration_ms("scale_interval", 100);
  if (!isSet) return null;
  const min = values.integer("min_parallelism", 1, max);
  return min === max ? null : { min, max, interval_ms };
}

function requireKnown(name: string, option: OptionValue): void {
  const names = jobOptions.map((spec) => spec.name);
  if (names.includes(name as JobOptionName)) return;
  const near = suggest(name, names);
  throw new SqlError({
    sqlState: "22023",
    message: `a streaming job has no option "${name}"`,
    hint: near === undefined ? `Options: ${names.join(", ")}.` : `Perhaps you meant "${near}".`,
    at: option.at,
  });
}

/** Throws SqlError 22023 where options exclude each other (Flink's rules). */
function readCheckpoints(values: Values): CheckpointOptions {
  const options: CheckpointOptions = {
    interval_ms: values.duration_ms("checkpoint_interval", 10),
    timeout_ms: values.duration_ms("checkpoint_timeout", 10),
    minPause_ms: values.duration_ms("min_pause", 0),
    maxConcurrent: values.integer("max_concurrent_checkpoints", 1, 100),
    tolerableFailures: values.integer("tolerable_failed_checkpoints", 0, 1_000_000),
    retained: values.integer("retained_checkpoints", 1, 1_000),
    unaligned: values.boolean("unaligned_checkpoints"),
    alignedTimeout_ms: values.duration_ms("aligned_checkpoint_timeout", 0),
  };
  if (options.maxConcurrent > 1 && options.minPause_ms > 0) throw values.invalid("max_concurrent_checkpoints", "must be 1 with min_pause");
  if (options.maxConcurrent > 1 && options.unaligned)
    throw values.invalid("max_concurrent_checkpoints", "must be 1 with unaligned_checkpoints");
  return options;
}

function readRestart(values: Values): RestartStrategy {
  const kind = values.text("restart_strategy") as RestartStrategy["kind"];
  const delay_ms = values.duration_ms("restart_delay", 0);
  switch (kind) {
    case "none":
      return { kind };
    case "fixed-delay":
      return { kind, attempts: values.integer("restart_attempts", 1, 1_000_000), delay_ms };
    case "failure-rate":
      return {
        kind,
        failures: values.integer("restart_failures", 1, 1_000_000),
        interval_ms: values.duration_ms("restart_interval", 1),
        delay_ms,
      };
    case "exponential-delay":
      return {
        kind,
        initial_ms: delay_ms,
        max_ms: values.duration_ms("restart_max_delay", 1),
        multiplier: 2,
        reset_ms: values.duration_ms("restart_reset", 1),
        jitter: 0.1,
      };
  }
}

/** How long state without bound is kept; null: as long as the job. */
export interface StateTtl {
  readonly groups_ms: number | null;
  /** Of rows of a join's left and right input. */
  readonly join_ms: readonly [number | null, number | null];
}

/** `1h`, or `left=1h,right=6h`. */
function readStateTtl(option: OptionValue | undefined): StateTtl {
  if (option === undefined) return { groups_ms: null, join_ms: [null, null] };
  const duration = (text: string): number => {
    const ttl_ms = Math.round((durationOf_us(text) ?? 0) / 1_000);
    if (ttl_ms >= 1) return ttl_ms;
    throw new SqlError({
      sqlState: "22023",
      message: `option "state_ttl" must be a duration or like 'left=1h,right=6h', not "${option.value}"`,
      at: option.at,
    });
  };
  if (!option.value.includes("=")) {
    const ttl_ms = duration(option.value);
    return { groups_ms: ttl_ms, join_ms: [ttl_ms, ttl_ms] };
  }
  const sides = new Map(
    option.value.split(",").map((part) => part.split("=").map((word) => word.trim().toLowerCase()) as [string, string]),
  );
  for (const side of sides.keys()) if (side !== "left" && side !== "right") duration("");
  const of = (side: string): number | null => (sides.has(side) ? duration(sides.get(side) ?? "") : null);
  return { groups_ms: null, join_ms: [of("left"), of("right")] };
}

/** `agg=2,source=1`. */
function readOperatorParallelism(option: OptionValue | undefined, max: number): readonly OperatorParallelism[] {
  if (option === undefined) return [];
  return option.value.split(",").map((entry) => {
    const [operator, count, ...rest] = entry.split("=").map((part) => part.trim());
    const parallelism = Number(count);
    if (operator && rest.length === 0 && Number.isInteger(parallelism) && parallelism >= 1 && parallelism <= max) {
      return { operator, parallelism, at: option.at };
    }
    throw new SqlError({
      sqlState: "22023",
      message: `option "operator_parallelism" must be like 'agg=2,source=1' with numbers from 1 to ${max}, not "${entry.trim()}"`,
      at: option.at,
    });
  });
}

/** Values by name, with the defaults of the table. */
class Values {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  text(name: JobOptionName): string {
    const spec: OptionSpec | undefined = jobOptions.find((s) => s.name === name);
    const value = this.#options.get(name)?.value.toLowerCase() ?? spec?.default ?? "";
    if (spec?.values !== undefined && !spec.values.includes(value)) throw this.invalid(name, `must be one of ${spec.values.join(", ")}`);
    return value;
  }

  integer(name: JobOptionName, min: number, max: number, fallback?: number): number {
    const text = this.text(name);
    if (text === "" && fallback !== undefined) return fallback;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw this.invalid(name, `must be an integer from ${min} to ${max}`);
  }

  duration_ms(name: JobOptionName, min_ms: number): number {
    const duration_us = durationOf_us(this.text(name));
    const value_ms = duration_us === null ? Number.NaN : Math.round(duration_us / 1_000);
    if (value_ms >= min_ms) return value_ms;
    throw this.invalid(name, `must be a duration such as '10s' or '500 ms'${min_ms > 1 ? `, at least ${min_ms} ms` : ""}`);
  }

  boolean(name: JobOptionName): boolean {
    const text = this.text(name);
    if (/^(on|true|yes)$/.test(text)) return true;
    if (/^(off|false|no)$/.test(text)) return false;
    throw this.invalid(name, "must be on or off");
  }

  invalid(name: JobOptionName, must: string): SqlError {
    const option = this.#options.get(name);
    const not = option === undefined ? "" : `, not "${option.value}"`;
    return new SqlError({ sqlState: "22023", message: `option "${name}" ${must}${not}`, at: option?.at });
  }
}
