import type { PlannedJob } from "../../../planner/api.ts";
import type { JobVertex, OperatorNode } from "../../../runtime/contract/job-graph.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import { type FedRow, MaintainedJob } from "../../runner/in-thread/maintained-job.ts";
import type { SteppedWorld } from "../../runner/in-thread/stepped-world.ts";
import type { CollectedResult, DefinitionOf } from "../../runner/in-thread/task.ts";
import type { Planning } from "../../runner/planning.ts";
import { type StageSql, lateTable } from "./job-sql.ts";
import { gathered, readerOf, type SinkReader } from "./sinks.ts";
import { schemaOf, tables } from "./tables.ts";

export interface StageParts {
  readonly sql: StageSql;
  readonly planning: Planning;
  readonly definitionOf: DefinitionOf;
  readonly random: (below: number) => number;
  readonly world: SteppedWorld;
  /** Plans of the stages before, whose results are tables here. */
  readonly upstream: readonly Stage[];
  readonly parallelism: () => number;
}

/** One job of a case as it runs: what it is fed, and what came out. */
export class Stage {
  readonly sql: StageSql;
  readonly #parts: StageParts;
  readonly #job: MaintainedJob;
  readonly #readers = new Map<string, SinkReader>();
  /** Changes of the result that nobody has read yet. */
  readonly #unread: FedRow[] = [];
  readonly #parallelism: number;
  #planned: PlannedJob;

  private constructor(parts: StageParts, planned: PlannedJob, parallelism: number) {
    this.#parallelism = parallelism;
    this.sql = parts.sql;
    this.#parts = parts;
    this.#planned = planned;
    const { definitionOf, random, world } = parts;
    let first: PlannedJob | null = planned;
    this.#job = new MaintainedJob({
      definitionOf,
      random,
      world,
      declaredOf: (source) => this.#declaredOf(source),
      onCommit: (results) => this.#read(results),
      plan: async (parallelism) => {
        const plan = first ?? (await planOf(parts, parallelism));
        first = null;
        this.#planned = plan;
        return { ...plan, graph: gathered(plan.graph) };
      },
    });
    for (const { table, sink } of [...parts.sql.kept, { table: lateTable, sink: "plain" as const }])
      this.#readers.set(table, readerOf(sink));
  }

  /** Throws SqlError when the planner refuses. */
  static async plan(parts: StageParts): Promise<Stage> {
    const parallelism = parts.parallelism();
    return new Stage(parts, await planOf(parts, parallelism), parallelism);
  }

  start(): Promise<PlannedJob> {
    return this.#job.start(this.#parallelism);
  }

  get planned(): PlannedJob {
    return this.#planned;
  }

  /** Some operator holds rows back until the watermark passes: then the answer is whole at the end of the input alone. */
  get waitsForWatermarks(): boolean {
    return this.#operators().some(
      ({ spec }) => /window(?!Assign)|session|interval|asofJoin|temporalJoin|version|eventTime/i.test(spec.op) && !isEarly(spec),
    );
  }

  /** The operator that puts late rows aside. */
  get lateFrom(): OperatorNode | null {
    const edge = this.#planned.graph.edges.find(({ output }) => output !== "main" && output.tag === "late");
    if (edge === undefined || edge.output === "main") return null;
    const { uid } = edge.output;
    return this.#operators().find((node) => node.uid === uid) ?? null;
  }

  feed(rows: readonly FedRow[]): void {
    this.#job.feed(rows);
  }

  /** Until a checkpoint is complete; the job may die before and start again. */
  async checkpoint(killAfter: number | null): Promise<void> {
    if (await this.#job.checkpoint(killAfter ?? undefined)) return;
    this.#job.crash();
    await this.#job.start(this.#parts.parallelism());
    await this.#job.checkpoint();
  }

  end(): Promise<void> {
    return this.#job.end();
  }

  close(): Promise<void> {
    return this.#job.close();
  }

  result(table: string): ReturnType<SinkReader["result"]> {
    return (this.#readers.get(table) ?? readerOf("plain")).result();
  }

  /** What changed in the result since it was last asked for. */
  takeChanges(): readonly FedRow[] {
    return this.#unread.splice(0);
  }

  #read(results: readonly CollectedResult[]): void {
    for (const { table, rows, weights } of results) {
      this.#readers.get(table)?.read(rows, weights);
      if (table === this.sql.name) this.#unread.push(...rows.map((row, i) => fedRow(table, row, weights?.[i] ?? 1)));
    }
  }

  #operators(): readonly OperatorNode[] {
    return this.#planned.graph.vertices.flatMap(({ operators }: JobVertex) => operators);
  }

  #declaredOf(source: string): Schema {
    const table = tables.find(({ name }) => name === source);
    if (table !== undefined) return schemaOf(table);
    for (const { planned } of this.#parts.upstream) for (const { name, schema } of planned.resultTables) if (name === source) return schema;
    throw new Error(`there is no table ${source}`);
  }
}

/** One subtask reads all changes of a table, in order. */
const fedRow = (source: string, row: readonly Value[], weight: number): FedRow => ({ source, producer: 0, row, weight });

const planOf = ({ sql, planning }: StageParts, parallelism: number): Promise<PlannedJob> => planning.planned(sql.script(parallelism));

const isEarly = (spec: OperatorNode["spec"]): boolean => "emission" in spec && spec.emission.earlyEvery_ms === 0;
