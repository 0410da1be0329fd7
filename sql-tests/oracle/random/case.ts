import { type Query, renderQuery } from "./grammar/query.ts";
import { type Asks, Builder, type Insert, type View } from "./grammar/scope.ts";
import { query } from "./grammar/select.ts";
import { rootQuery } from "./grammar/root.ts";
import { Random } from "./random.ts";
import { type Cell, type RandomTable, tables } from "./tables.ts";

/** A row of a table comes (+1) or goes (-1); `n` says which row of the table it is. */
export interface Change {
  readonly table: string;
  readonly n: number;
  readonly weight: 1 | -1;
  readonly row: readonly Cell[];
}

/** Changes that one checkpoint makes visible; then the answer is compared. */
export interface Step {
  readonly changes: readonly Change[];
  /** The job dies after so many elements of the step, and goes on from its last checkpoint at the next parallelism. */
  readonly killAfter: number | null;
  /** How far the clock moves before the changes. */
  readonly advance_ms?: number;
  /** The job gets the changes, and its answer must stay what it was. */
  readonly unseen?: true;
}

/** How a job asks the query, where it is not just the query. */
export interface JobForm {
  readonly emit?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly views?: readonly View[];
  /** The queries of a job with several sinks; the case's own is the first. */
  readonly inserts?: readonly Insert[];
}

/** All there is to a case, as JSON: what a replay needs. */
export interface Case {
  readonly query: Query;
  readonly job?: JobForm;
  readonly features: readonly string[];
  readonly steps: readonly Step[];
  /** At first, and after each restore, in turn. */
  readonly parallelism: readonly number[];
  /** Of batch splits and the interleaving of channels. */
  readonly schedule: number;
}

/** The case of a seed. */
export function caseOf(seed: number): Case {
  const random = new Random(seed);
  const builder = new Builder(random.fork(), query);
  const made = rootQuery(builder);
  const job = formOf(builder.asks, made);
  return {
    query: made,
    ...(Object.keys(job).length === 0 ? {} : { job }),
    features: [...builder.features].sort(),
    steps: stepsOf(random.fork(), tablesRead(made, job), builder.asks),
    parallelism: parallelismsOf(random),
    schedule: random.below(2 ** 31),
  };
}

function formOf({ emit, options, views, inserts }: Asks, made: Query): JobForm {
  const [first] = inserts;
  return {
    ...(emit === null ? {} : { emit }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
    ...(views.length === 0 ? {} : { views }),
    ...(first === undefined ? {} : { inserts: [{ ...first, query: made }, ...inserts.slice(1)] }),
  };
}

/** A letter within a literal counts too: then a table has rows that nobody reads. */
function tablesRead(made: Query, { views = [], inserts = [] }: JobForm): readonly RandomTable[] {
  const text = [made, ...views.map((view) => view.query), ...inserts.map((insert) => insert.query)].map((q) => renderQuery(q)).join("\n");
  return tables.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(text));
}

const parallelismsOf = (random: Random): readonly number[] => [random.between(1, 4), random.between(1, 4), random.between(1, 4)];

function stepsOf(random: Random, read: readonly RandomTable[], asks: Asks): readonly Step[] {
  const writers = read.map((table) => new Writer(table, random));
  const rows = random.weighted([
    [2, 4],
    [4, 12],
    [2, 30],
  ] as const);
  const changesOf = (some: readonly Writer[]): readonly Change[] =>
    random
      .shuffled(some.flatMap((writer) => Array.from({ length: random.between(0, rows) }, () => writer)))
      .flatMap((writer) => writer.next());
  const steps = Array.from({ length: random.between(1, 5) }, (_, at): Step => {
    const changes = changesOf(at === 0 ? writers : writers.filter(({ name }) => name !== asks.settled));
    return {
      changes,
      killAfter: random.oneIn(4) ? random.below(60) : null,
      ...(asks.clock ? { advance_ms: random.of([0, 500, 1_000, 2_000, 2_000, 4_000, 7_000]) } : {}),
    };
  });
  if (asks.settled === null) return steps;
  const late = changesOf(writers.filter(({ name }) => name === asks.settled));
  return [...steps, { changes: late, killAfter: null, unseen: true }];
}

/** Makes the changes of one table: each deletes or replaces a row that is there, or adds one. */
class Writer {
  readonly #table: RandomTable;
  readonly #random: Random;
  readonly #live: Change[] = [];
  #rows = 0;

  constructor(table: RandomTable, random: Random) {
    this.#table = table;
    this.#random = random;
  }

  get name(): string {
    return this.#table.name;
  }

  next(): readonly Change[] {
    const random = this.#random;
    if (!this.#table.changes) return [this.#insert()];
    if (this.#live.length === 0 || random.oneIn(2)) return random.oneIn(6) ? this.#copies() : [this.#insert()];
    const at = random.below(this.#live.length);
    const [old] = this.#live.splice(at, 1);
    if (old === undefined) throw new Error("invariant: a live row was picked");
    const gone: Change = { ...old, weight: -1 };
    return random.oneIn(2) ? [gone] : [gone, this.#replacement(old)];
  }

  /** An UPDATE: some columns get other values, the key stays. */
  #replacement({ row }: Change): Change {
    const columns = this.#table.columns;
    return this.#insert(
      columns.map((column, c) => (column.name === "id" || this.#random.oneIn(2) ? (row[c] ?? null) : column.cell(this.#random, 0))),
    );
  }

  /** Several rows that are alike, where the table has no key. */
  #copies(): readonly Change[] {
    const first = this.#insert();
    if (this.#table.primaryKey !== null) return [first];
    return [first, ...Array.from({ length: this.#random.between(1, 2) }, () => this.#insert(first.row))];
  }

  #insert(values?: readonly Cell[]): Change {
    const n = this.#rows++;
    const row = values ?? this.#table.columns.map((column) => column.cell(this.#random, n));
    const change: Change = { table: this.#table.name, n, weight: 1, row };
    this.#live.push(change);
    return change;
  }
}

/** Without changes that make no sense once others were left out: a row goes only after it came. */
export function consistent(steps: readonly Step[]): readonly Step[] {
  const live = new Set<string>();
  return steps.map((step) => ({
    ...step,
    changes: step.changes.filter(({ table, n, weight }) => {
      const key = `${table} ${n}`;
      if (weight === 1) live.add(key);
      return weight === 1 || live.delete(key);
    }),
  }));
}
