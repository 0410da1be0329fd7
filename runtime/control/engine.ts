import type { FilePlaces } from "../contract/file-places.ts";
import { dropJob } from "../checkpoint/begin-attempt.ts";
import { renameJob } from "../checkpoint/rename-job.ts";
import { type JobRecord, readCheckpoints, readJobRecord } from "../checkpoint/job-records.ts";
import { layoutOf, type StateTablesOf } from "../checkpoint/layout.ts";
import { createSystemTables } from "../checkpoint/system-tables.ts";
import type {
  Alteration,
  CheckpointInfo,
  Engine,
  JobFault,
  JobInfo,
  JobState,
  JobSubmission,
  MisfitPolicy,
  OperatorState,
  RescaleTrigger,
  SavepointSize,
  StateChange,
  TaskManagerInfo,
} from "../contract/control.ts";
import { messageOf, SqlError } from "../contract/errors.ts";
import type { MakeFrameCodec } from "../contract/frame.ts";
import { randomToken } from "../contract/random-token.ts";
import type { FromSlot } from "../contract/rpc.ts";
import type { Store, StoreTransaction } from "../contract/store.ts";
import type { World } from "../contract/world.ts";
import type { ChangeLogs } from "../contract/change-log.ts";
import { type ArchivedJob, type JobShape, shapeOf } from "../contract/job-shape.ts";
import { TableLogs } from "../tables/change-logs.ts";
import { dropAllAside } from "../evolution/aside.ts";
import { type SavepointFiles, savepointsOnDisk } from "../savepoint/files.ts";
import { readSavepoint } from "../savepoint/read.ts";
import { UnalignedSavepoint, writeSavepoint } from "../savepoint/write.ts";
import { JobArchive } from "./job-archive.ts";
import { alterJob, planAlteration } from "./alter-job.ts";
import { JobMaster } from "./job-master.ts";
import { Jobs } from "./jobs.ts";
import type { JobPlan, JobServices } from "./launch.ts";
import { ExclusiveWork } from "./exclusive-work.ts";
import type { Log } from "./log.ts";
import { ResourceManager } from "./resource-manager.ts";
import type { SlotListener } from "../contract/rpc.ts";
import type { SlotProvider } from "./slot-provider.ts";
import { isOver, isResting, notNow } from "./states.ts";
import { reconfigure } from "./reconfigure.ts";
import { settle } from "./settle.ts";
import { buildTopology } from "./topology.ts";

export interface EngineOptions {
  readonly world: World;
  readonly store: Store;
  readonly slots: SlotProvider;
  readonly scratchDirectory: string;
  readonly places: FilePlaces;
  readonly log: Log;
  /** The operators' state tables: `(node) => definitionOf(node.spec).stateTables(node.spec, node.inputs, node.output)`. */
  readonly stateTablesOf: StateTablesOf;
  readonly makeFrameCodec: MakeFrameCodec;
  /** Files of this machine, if nothing else is said. */
  readonly savepointFiles?: SavepointFiles;
}

/** Makes the system tables and starts the slots. Jobs of earlier runs go on when they are submitted again. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  await createSystemTables(options.store);
  await options.store.transact(dropAllAside);
  const tables = await TableLogs.open(options.store, options.makeFrameCodec);
  const dispatcher = new Dispatcher(options, tables, await JobArchive.open(options.store));
  await options.slots.start(dispatcher);
  return dispatcher;
}

/** Jobs by name (Flink's Dispatcher): one JobMaster each. Hears the slots and passes on what they say. */
class Dispatcher implements Engine, SlotListener {
  readonly #options: EngineOptions;
  readonly #services: JobServices;
  readonly #archive: JobArchive;
  readonly #savepoints: SavepointFiles;
  readonly #jobs = new Jobs();
  readonly #work = new ExclusiveWork();

  constructor(options: EngineOptions, tables: TableLogs, archive: JobArchive) {
    this.#options = options;
    this.#archive = archive;
    this.#savepoints = options.savepointFiles ?? savepointsOnDisk;
    this.#services = { ...options, tables, resources: new ResourceManager(options.slots, options.world) };
  }

  get changeLogs(): ChangeLogs {
    return this.#services.tables;
  }

  async submit(submission: JobSubmission): Promise<readonly string[]> {
    const { name } = submission;
    this.#jobs.requireFree(name);
    const notices: string[] = [];
    await this.#work.run(name, "submit", async () => {
      const stored = (await readJobRecord(this.#options.store, name)) ?? (await this.#fromSavepoint(submission, notices));
      const plan = this.#plan(submission, stored);
      const master = new JobMaster(this.#services, plan, stored ?? this.#newRecord(plan));
      if (stored !== null) await this.#recall(master, stored);
      if (stored !== null) await this.#endReading(name, this.#unreadOf(plan));
      this.#jobs.add(master);
      if (stored !== null && isResting(stored.state)) {
        master.rest(stored.state);
        await this.#endAllReading(master);
      } else await this.#run(name, master, () => master.start(stored !== null && stored.attempt > 0));
    });
    return notices;
  }

  async resubmit(submission: JobSubmission): Promise<void> {
    const { name } = submission;
    const master = this.#jobs.require(name);
    this.#require(master, name, ["PAUSED", "FAILED"], "given another plan");
    await this.#work.run(name, "change", async () => {
      const plan = await this.#replanned(submission);
      await this.#run(name, master, async () => {
        await settle(this.#services, master, plan);
        await master.resume(plan);
      });
    });
  }

  async pause(name: string, what: "paused" | "stopped" = "paused"): Promise<void> {
    const master = this.#jobs.require(name);
    this.#work.requireNone(name);
    this.#require(master, name, ["RUNNING", "RESTARTING", "CREATED"], what);
    await master.pause();
  }

  async drain(name: string): Promise<void> {
    const master = this.#jobs.require(name);
    this.#require(master, name, ["RUNNING", "RESTARTING", "CREATED"], "drained");
    const state = await master.drain();
    await this.#endAllReading(master);
    if (state === "FINISHED") return;
    const why = master.history.exceptions.at(-1)?.message;
    throw new SqlError({
      sqlState: "55000",
      message: `job "${name}" was ${state} before it was drained${why === undefined ? "" : `: ${why}`}`,
    });
  }

  async resume(name: string): Promise<void> {
    const master = this.#jobs.require(name);
    // A job that is resumed while it is dropped would run on without a record, and claim its successor's.
    this.#work.requireNone(name);
    this.#require(master, name, ["PAUSED", "FAILED"], "resumed");
    await this.#work.run(name, "change", () => this.#run(name, master, () => master.resume(master.plan)));
  }

  async cancel(name: string): Promise<void> {
    const master = this.#jobs.require(name);
    await this.#work.interrupt(name, () => master.cancel());
    await this.#keep(master);
    await this.#endAllReading(master);
  }

  async drop(name: string): Promise<void> {
    const master = this.#jobs.require(name);
    if (this.#work.isUnderWay(name)) await this.#work.interrupt(name, () => master.cancel());
    this.#jobs.requireStill(master);
    await this.#work.run(name, "drop", async () => {
      await master.cancel();
      await this.#keep(master);
      await dropJob(this.#options.store, this.#services.tables, master.plan.layout);
      this.#jobs.delete(master);
    });
  }

  async rename(name: string, submission: JobSubmission, also: (transaction: StoreTransaction) => Promise<void>): Promise<void> {
    const { store } = this.#options;
    const { tables } = this.#services;
    this.#jobs.requireFree(submission.name);
    const master = this.#jobs.require(name);
    await this.#work.run(name, "rename", async () => {
      const runs = !isResting(master.state);
      if (runs) await master.pause();
      const renamed = store.transact(async (transaction) => {
        const known = await renameJob(transaction, tables, master.plan.layout, submission.name);
        // Should the server die now, the job runs when it is back.
        if (runs) await transaction.run("UPDATE millrace.job_runs SET state = 'RUNNING' WHERE job = ?", [submission.name]);
        await also(transaction);
        return known;
      });
      const publish = await renamed.catch(async (error: unknown) => {
        if (runs) await this.#run(name, master, () => master.resume(master.plan));
        throw error;
      });
      publish();
      this.#jobs.delete(master);
      await this.submit(submission);
    });
  }

  async reconfigure(
    submission: JobSubmission,
    trigger: RescaleTrigger,
    also: (transaction: StoreTransaction) => Promise<void>,
  ): Promise<void> {
    const { name } = submission;
    const master = this.#jobs.require(name);
    this.#require(master, name, ["RUNNING", "RESTARTING", "CREATED"], "reconfigured");
    await this.#work.run(name, "change", async () => reconfigure(this.#services, master, await this.#replanned(submission), trigger, also));
  }

  async planAlteration(submission: JobSubmission, misfit: MisfitPolicy): Promise<readonly StateChange[]> {
    const master = this.#jobs.require(submission.name);
    return planAlteration(this.#services, master.plan, await this.#replanned(submission), misfit);
  }

  async alter(alteration: Alteration): Promise<readonly StateChange[]> {
    const { name } = alteration.submission;
    const master = this.#jobs.require(name);
    this.#require(master, name, ["RUNNING", "RESTARTING", "CREATED", "PAUSED", "FAILED"], "altered");
    const changes: StateChange[] = [];
    await this.#work.run(name, "change", async () => {
      changes.push(...(await alterJob(this.#services, master, await this.#replanned(alteration.submission), alteration)));
    });
    return changes;
  }

  /** The plan for a job that there is: the number of its key groups stays. */
  async #replanned(submission: JobSubmission): Promise<JobPlan> {
    return this.#plan(submission, await readJobRecord(this.#options.store, submission.name));
  }

  checkpoint(name: string): Promise<number> {
    return this.#checkpoint(name, "manual");
  }

  async savepoint(name: string, path: string, definition: string): Promise<SavepointSize> {
    const master = this.#jobs.require(name);
    const { store, world } = this.#options;
    for (let tries = 1; ; tries++) {
      const runs = master.state === "RUNNING";
      if (runs) await this.#checkpoint(name, "savepoint");
      const record = await readJobRecord(store, name);
      if (record === null) throw notNow(name, master.state, "cannot be saved");
      const request = { layout: master.plan.layout, record, definition, now_ms: world.clock.now_ms() };
      try {
        return await this.#savepoints.make(path, (target) => writeSavepoint(store, target, request));
      } catch (error) {
        this.#jobs.requireStill(master);
        // A periodic checkpoint may have come between, whose barriers overtook rows.
        if (!(error instanceof UnalignedSavepoint && runs && tries < savepointTries_max)) throw error;
      }
    }
  }

  stateTables(name: string): readonly OperatorState[] {
    const { layout, topology } = this.#jobs.require(name).plan;
    const nodes = topology.graph.vertices.flatMap((vertex) => vertex.operators);
    return layout.states.map(({ uid, spec, table, columns }) => ({
      job: name,
      uid,
      operator: nodes.find((node) => node.uid === uid)?.name ?? uid,
      name: spec.name,
      table,
      columns: spec.columns.map(({ type }, i) => ({ name: columns[i] as string, type })),
      keyColumns: spec.keyColumns,
    }));
  }

  jobs(): readonly JobInfo[] {
    return this.#jobs.all().map((master) => master.info());
  }

  taskManagers(): readonly TaskManagerInfo[] {
    return this.#services.resources.taskManagers();
  }

  job(name: string): JobInfo | null {
    return this.#jobs.get(name)?.info() ?? null;
  }

  checkpoints(name: string): readonly CheckpointInfo[] {
    return this.#jobs.require(name).history.checkpoints;
  }

  exceptions(name: string): readonly JobFault[] {
    return this.#jobs.require(name).history.exceptions;
  }

  shape(name: string): JobShape {
    return shapeOfPlan(this.#jobs.require(name).plan);
  }

  archive(): readonly ArchivedJob[] {
    return this.#archive.jobs;
  }

  async finished(name: string): Promise<JobState> {
    return this.#jobs.require(name).finished();
  }

  async close(): Promise<void> {
    await Promise.all(this.#jobs.all().map((master) => master.suspend()));
    await this.#options.slots.close();
    await this.#services.tables.close();
  }

  message(slot: number, message: FromSlot): void {
    if (message.did === "ready" || message.did === "reset" || message.did === "pong") return;
    if (message.did === "pullTable") return void this.#answerPull(slot, message);
    if (message.did === "metrics") {
      for (const metrics of message.tasks) this.#jobs.withId(metrics.task.job)?.attempt?.receiveMetrics(metrics);
      return;
    }
    this.#jobs.withId(message.task.job)?.attempt?.receive(message);
  }

  async #checkpoint(name: string, kind: "manual" | "savepoint"): Promise<number> {
    const master = this.#jobs.require(name);
    this.#require(master, name, ["RUNNING"], "checkpointed");
    if (master.attempt === null) throw notNow(name, master.state, "cannot be checkpointed");
    return master.attempt.coordinator.request(kind);
  }

  /** Tasks of other attempts are answered too: they read only. */
  async #answerPull(slot: number, { task, uid, pull }: Extract<FromSlot, { did: "pullTable" }>): Promise<void> {
    const master = this.#jobs.withId(task.job);
    if (master === null) return;
    const rows = await this.#services.tables.pull(master.name, pull);
    const transfer = rows.kind === "rows" ? rows.frames.map(({ frame }) => frame) : [];
    this.#services.resources.send(slot, { do: "tableRows", task, uid, rows }, transfer);
  }

  exited(slot: number, reason: string): void {
    this.#options.log("error", `slot ${slot} is gone: ${reason}`);
    this.#services.resources.lost();
    for (const master of this.#jobs.all()) master.attempt?.slotExited(slot, reason);
  }

  returned(slot: number): void {
    this.#options.log("info", `slot ${slot} is back`);
  }

  /** Lets the job run, and archives it when it has ended. */
  async #run(name: string, master: JobMaster, start: () => Promise<void>): Promise<void> {
    await start();
    void master.finished().then(async (state) => {
      if (archivedStates.has(state) && this.#jobs.get(name) === master) await this.#keep(master);
    });
  }

  /** What cannot be archived is said: the job itself is listed until it is dropped. */
  async #keep(master: JobMaster): Promise<void> {
    const { checkpoints, exceptions } = master.history;
    const info = master.info();
    const job = { info, shape: shapeOfPlan(master.plan), checkpoints, exceptions, archived_ms: this.#options.world.clock.now_ms() };
    await this.#archive
      .add(job)
      .catch((error: unknown) => this.#options.log("warn", `job "${info.name}" was not archived: ${messageOf(error)}`));
  }

  /** What is known of a job that ran before the server started. */
  async #recall({ history }: JobMaster, stored: JobRecord): Promise<void> {
    const faults = this.#archive.of(stored.id)?.exceptions ?? (stored.fault === null ? [] : [stored.fault]);
    history.load(await readCheckpoints(this.#options.store, stored.job), faults);
  }

  /** Brings the savepoint that the job is to begin with into the store; null when it begins with nothing. */
  async #fromSavepoint(submission: JobSubmission, notices: string[]): Promise<JobRecord | null> {
    if (submission.savepoint === null) return null;
    const { path, allowNonRestoredState } = submission.savepoint;
    return this.#savepoints.use(path, async (from, manifest) => {
      const record = { ...this.#newRecord(this.#plan(submission, null)), maxParallelism: manifest.maxParallelism };
      const { layout, topology } = this.#plan(submission, record);
      const request = { path, layout, graph: topology.graph, record, allowNonRestoredState };
      notices.push(...(await readSavepoint(this.#options.store, this.#services.tables, from, manifest, request)));
      return readJobRecord(this.#options.store, submission.name);
    });
  }

  /** A job that has ended for good reads no more: nothing is kept for it. */
  async #endAllReading(master: JobMaster): Promise<void> {
    const { name, state } = master;
    if (this.#jobs.get(name) !== master || !isOver(state)) return;
    await this.#endReading(name, this.#services.tables.inputsOf(name));
  }

  /** Tables that a query read which was changed just before the server died. */
  #unreadOf({ layout }: JobPlan): readonly string[] {
    const inputs = this.#services.tables.inputsOf(layout.job);
    return inputs.filter((read) => !layout.inputs.some(({ table }) => table === read));
  }

  async #endReading(name: string, inputs: readonly string[]): Promise<void> {
    if (inputs.length === 0) return;
    const { tables, store } = this.#services;
    const publish = await tables.exclusively(inputs, () => store.transact((transaction) => tables.unregister(transaction, name, inputs)));
    publish();
  }

  /** The number of key groups is fixed once a job has been run: what the store says wins over the plan. */
  #plan(submission: JobSubmission, stored: JobRecord | null): JobPlan {
    const graph = stored === null ? submission.graph : { ...submission.graph, maxParallelism: stored.maxParallelism };
    const { stateTablesOf, makeFrameCodec } = this.#options;
    return {
      submission,
      topology: buildTopology(graph),
      layout: layoutOf({ job: submission.name, graph, results: submission.resultTables, stateTablesOf, makeFrameCodec }),
    };
  }

  #newRecord({ submission, topology }: JobPlan): JobRecord {
    const { clock } = this.#options.world;
    return {
      job: submission.name,
      id: randomToken(this.#options.world),
      state: "INITIALIZING",
      attempt: 0,
      maxParallelism: topology.graph.maxParallelism,
      nextCheckpoint: 1,
      restarts: 0,
      created_ms: clock.now_ms(),
      started_ms: null,
      ended_ms: null,
      fault: null,
    };
  }

  #require(master: JobMaster, name: string, states: readonly JobState[], what: string): void {
    if (!states.includes(master.state)) throw notNow(name, master.state, `cannot be ${what}`);
  }
}

/** The number of key groups is the topology's: it may be older than the submission. */
const shapeOfPlan = ({ submission, topology }: JobPlan): JobShape => shapeOf({ graph: topology.graph, restart: submission.restart });

const archivedStates: ReadonlySet<JobState> = new Set(["FINISHED", "FAILED", "CANCELED"]);

const savepointTries_max = 5;
