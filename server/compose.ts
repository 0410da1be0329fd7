import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { batchPrelude } from "../planner/front/prelude-sql.ts";
import { createPlanner } from "../planner/planner.ts";
import { createEngine } from "../runtime/control/engine.ts";
import type { FilePlaces } from "../runtime/contract/file-places.ts";
import { shapeOf } from "../runtime/contract/job-shape.ts";
import { version } from "../runtime/contract/version.ts";
import { openPlanningDb } from "../runtime/duckdb/planning-db.ts";
import { openStore } from "../runtime/duckdb/store.ts";
import { makeFrameCodec } from "../runtime/exchange/frame-codec.ts";
import { definitionOf } from "../runtime/operators/registry.ts";
import type { ThreadSlots } from "../runtime/worker/thread-slots.ts";
import { realWorld } from "../runtime/world/real-world.ts";
import { usageOfThisProcess } from "../runtime/world/this-process.ts";
import { startAutoscaler } from "./autoscale/autoscaler.ts";
import { Catalog } from "./catalog/catalog.ts";
import { CatalogStore } from "./catalog/catalog-store.ts";
import type { ServerConfig } from "./config.ts";
import { UserFunctions } from "./functions/user-functions.ts";
import { onFreePort } from "./free-port.ts";
import { openProcessLogs } from "./process-logs.ts";
import { openSlots } from "./providers.ts";
import { settingsOf } from "./settings.ts";
import { Scripts } from "./http/scripts.ts";
import { startHttpServer } from "./http/server.ts";
import { startPgServer } from "./pgwire/server.ts";
import { systemTableDdl } from "./serving/system-tables.ts";
import { type JobStatement, planJob } from "./statements/create-job.ts";
import { StatementExecutor } from "./statements/executor.ts";
import { recover } from "./statements/recover.ts";

/** A running server: one process with every part of design section 1. */
export interface Millrace {
  readonly pgPort: number;
  readonly httpPort: number;
  /** Keeps what goes to stdout, for those who ask for it over HTTP. */
  readonly printed: (text: string) => void;
  close(): Promise<void>;
}

export type Log = (line: string) => void;

/** Wires the parts together and opens the doors; the only place that knows all of them. */
export async function startMillrace(config: ServerConfig, print: Log, threads: ThreadSlots | null = null): Promise<Millrace> {
  const world = realWorld;
  const { log, printed, ask } = openProcessLogs(config.dataDirectory, "jobmanager", [config.password, config.cluster.secret], print);
  const scratchDirectory = join(config.dataDirectory, "scratch");
  mkdirSync(scratchDirectory, { recursive: true, mode: 0o700 });
  const places: FilePlaces = { allowed: config.allowedDirectories, own: [resolve(config.dataDirectory)] };
  const planner = createPlanner({ openPlanningDb, defaultParallelism: 1, timers: world.timers });
  planner.warmUp();
  const store = await openStore({
    path: join(config.dataDirectory, "store.duckdb"),
    memory_bytes_max: config.storeMemory_bytes_max,
    prelude: [...batchPrelude, ...systemTableDdl],
  });
  const catalogStore = new CatalogStore(store);
  const rows = await catalogStore.open();
  const { slots, askTaskManager } = await openSlots(config, { world, store, log, ask, threads });
  const engine = await createEngine({
    world,
    store,
    slots,
    scratchDirectory,
    places,
    log: (level, message) => {
      if (level !== "debug") log(`${level}: ${message}`);
    },
    stateTablesOf: (node) => definitionOf(node.spec).stateTables(node.spec, node.inputs, node.output),
    makeFrameCodec,
  });
  const catalog = new Catalog();
  const executor = new StatementExecutor({
    catalog,
    catalogStore,
    planner,
    engine,
    store,
    world,
    functions: new UserFunctions(store, world),
    places,
    savepointDirectory: join(config.dataDirectory, "savepoints"),
  });
  await recover(rows, executor.context, log);
  const stopScaling = startAutoscaler(executor.context, log);

  const { host, password } = config;
  const forHttp = {
    ask,
    askTaskManager,
    usage: usageOfThisProcess,
    settings: settingsOf(config),
    objectOf: (name: string) => catalog.get(name),
    plannedShape: async (statement: JobStatement) => shapeOf(await planJob(statement, {}, executor.context)),
    scripts: new Scripts(join(config.dataDirectory, "scripts"), world),
  };
  const pg = await onFreePort(config.pgPort, log, (port) =>
    startPgServer({ host, port, password: password ?? undefined, executor, store, world, log }),
  );
  const http = await onFreePort(config.httpPort, log, (port) =>
    startHttpServer({ host, port, password, executor, engine, store, world, version, log, ...forHttp }),
  );
  return {
    pgPort: pg.port,
    httpPort: http.port,
    printed,
    async close() {
      stopScaling();
      await pg.close();
      await http.close();
      await engine.close();
      planner.close();
      await store.close();
    },
  };
}
