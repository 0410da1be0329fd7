import pg from "pg";
import { messageOf } from "../../../runtime/contract/errors.ts";
import type { Schema, SqlType } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import { differences } from "../../runner/compare-bags.ts";
import { copyFrom } from "../../runner/copy-in.ts";
import { type ServerProcess, startServer } from "../../runner/server.ts";
import { type Query, renderQuery } from "./grammar/query.ts";
import { Builder } from "./grammar/scope.ts";
import { query } from "./grammar/select.ts";
import { Random } from "./random.ts";
import { Changes, serverDdl, serverTables, type Statement } from "./server-changes.ts";

/** What became of the queries of a round, and each statement, to be run again. */
export interface RoundOutcome {
  readonly equal: number;
  readonly refused: number;
  /** The batch itself has no answer. */
  readonly invalid: number;
  readonly differences: readonly string[];
  readonly script: readonly string[];
}

interface View {
  readonly name: string;
  readonly sql: string;
  readonly query: Query;
}

const steps = 4;
const double_oids: ReadonlySet<number> = new Set([700, 701]);

/**
 * Random queries as materialized views, some over each other, over tables that a client changes in transactions, while the server is
 * killed, views are paused and their parallelism is changed; after each FLUSH they equal what the server answers to the same queries at once.
 */
export class ServerRound {
  readonly #random: Random;
  readonly #changes: Changes;
  readonly #script: string[] = [];
  readonly #views: View[] = [];
  readonly #dataDirectory: string;
  #server: ServerProcess;
  #client: pg.Client | null = null;
  #refused = 0;
  #invalid = 0;
  readonly #unanswered = new Set<string>();

  constructor(seed: number, server: ServerProcess, dataDirectory: string) {
    this.#random = new Random(seed);
    this.#changes = new Changes(this.#random.fork());
    this.#server = server;
    this.#dataDirectory = dataDirectory;
  }

  /** The server that lives at the end of the round. */
  get server(): ServerProcess {
    return this.#server;
  }

  async run(queries: number): Promise<RoundOutcome> {
    try {
      return await this.#run(queries);
    } catch (error) {
      throw new Error([messageOf(error), ...this.#script].join("\n"), { cause: error });
    }
  }

  async #run(queries: number): Promise<RoundOutcome> {
    const found: string[] = [];
    await this.#prepare(queries);
    for (let step = 1; step <= steps && found.length === 0; step++) {
      for (let n = this.#random.between(1, 4); n > 0; n--) await this.#transaction();
      await this.#disturb();
      await this.#rows("FLUSH");
      for (const view of this.#views) found.push(...(await this.#compare(view)).map((line) => `step ${step}, ${view.name}: ${line}`));
    }
    const equal = found.length === 0 ? this.#views.length - this.#unanswered.size : 0;
    await this.#clean(found.length === 0);
    return { equal, refused: this.#refused, invalid: this.#invalid + this.#unanswered.size, differences: found, script: this.#script };
  }

  async #prepare(queries: number): Promise<void> {
    for (const ddl of serverDdl()) await this.#rows(ddl);
    for (let n = this.#random.below(4); n > 0; n--) await this.#transaction();
    for (let n = 0; n < queries; n++) await this.#createView(`m${n}`);
  }

  async #createView(name: string): Promise<void> {
    const b = new Builder(this.#random.fork(), query);
    // Some read views that are there already.
    const above = this.#random.oneIn(3) ? this.#views : [];
    b.asks.views.push(...above.map((view) => ({ kind: "materialized view" as const, name: view.name, query: view.query })));
    const made = query(b, this.#random.between(0, 2));
    const sql = renderQuery(made);
    const options = `parallelism = ${this.#random.between(1, 2)}, checkpoint_interval = '200ms'`;
    try {
      await this.#rows(sql);
    } catch {
      this.#invalid++;
      return;
    }
    try {
      await this.#rows(`CREATE MATERIALIZED VIEW ${name} WITH (${options}) AS ${sql}`);
    } catch (error) {
      if ((error as pg.DatabaseError).code !== "0A000") throw error;
      this.#refused++;
      return;
    }
    this.#views.push({ name, sql, query: made });
  }

  /** Of one to three statements; some are taken back, or die with the server. */
  async #transaction(): Promise<void> {
    const random = this.#random;
    const statements = Array.from({ length: random.between(1, 3) }, () => this.#changes.statement());
    if (random.oneIn(12)) return this.#do(this.#changes.truncate());
    if (statements.length === 1 && random.oneIn(2)) return this.#do(statements[0] as Statement);
    await this.#rows("BEGIN");
    try {
      for (const statement of statements) await this.#do(statement);
    } catch (error) {
      await this.#rows("ROLLBACK");
      if (!isRowsFault(error)) throw error;
      return;
    }
    if (random.oneIn(15)) await this.#restart();
    else await this.#rows(random.oneIn(8) ? "ROLLBACK" : "COMMIT");
  }

  async #disturb(): Promise<void> {
    const random = this.#random;
    const view = this.#views[random.below(Math.max(1, this.#views.length))];
    if (random.oneIn(3)) await this.#restart();
    if (view === undefined) return;
    if (random.oneIn(3)) await this.#rows(`ALTER MATERIALIZED VIEW ${view.name} SET (parallelism = ${random.between(1, 3)})`);
    if (random.oneIn(4)) {
      await this.#rows(`ALTER MATERIALIZED VIEW ${view.name} PAUSE`);
      await this.#transaction();
      await this.#rows(`ALTER MATERIALIZED VIEW ${view.name} RESUME`);
    }
  }

  /** SIGKILL, at whatever it is doing. */
  async #restart(): Promise<void> {
    this.#script.push("-- kill -9");
    await new Promise((resolve) => setTimeout(resolve, this.#random.below(300)));
    await this.#server.kill();
    this.#client = null;
    this.#server = await startServer({ dataDirectory: this.#dataDirectory, flags: ["--slots", "8"] });
  }

  async #compare({ name, sql }: View): Promise<readonly string[]> {
    const expected = await this.#rows(sql).catch((error: unknown) => error as pg.DatabaseError);
    if (expected instanceof Error) {
      this.#unanswered.add(name);
      return [];
    }
    const actual = await this.#rows(`SELECT * FROM ${name}`);
    return differences(expected.schema, actual.rows, expected.rows);
  }

  async #clean(all: boolean): Promise<void> {
    if (!all) return;
    for (const { name } of this.#views.toReversed()) await this.#rows(`DROP MATERIALIZED VIEW ${name} CASCADE`);
    for (const { name } of serverTables) await this.#rows(`DROP TABLE ${name}`);
    await this.#client?.end();
    this.#client = null;
  }

  async #do({ sql, copy }: Statement): Promise<void> {
    if (copy === null) await this.#rows(sql);
    else {
      this.#script.push(`${sql};\n${copy.join("")}\\.`);
      await copyFrom(await this.#connected(), sql, copy);
    }
  }

  /** In Postgres' text format; doubles are numbers, for they may differ by rounding. */
  async #rows(sql: string): Promise<{ readonly schema: Schema; readonly rows: readonly (readonly Value[])[] }> {
    this.#script.push(`${sql};`);
    const client = await this.#connected();
    const result = await client.query<(string | null)[]>({ text: sql, rowMode: "array", types: { getTypeParser: () => String } });
    const types = result.fields.map(({ dataTypeID }): SqlType => ({ id: double_oids.has(dataTypeID) ? "double" : "varchar" }));
    const schema = { columns: result.fields.map(({ name }, c) => ({ name, type: types[c] as SqlType })) };
    const rows = result.rows.map((row) => row.map((cell, c): Value => (cell !== null && types[c]?.id === "double" ? Number(cell) : cell)));
    return { schema, rows };
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client !== null) return this.#client;
    const client = new pg.Client({ host: "127.0.0.1", port: this.#server.pgPort, user: "test", database: "millrace" });
    // It ends with the server that is killed.
    client.on("error", () => undefined);
    await client.connect();
    this.#client = client;
    return client;
  }
}

/** Keys that are there already, and the like: the statement asks for what cannot be. */
const isRowsFault = (error: unknown): boolean => (error as pg.DatabaseError).code?.startsWith("2") === true;
