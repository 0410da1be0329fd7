import type { Action } from "../actions.ts";
import type { Program } from "../programs.ts";
import type { SimNode } from "../kernel/node.ts";
import type { Cluster } from "./cluster.ts";

type Act<K extends Action["do"]> = (cluster: Cluster, action: Extract<Action, { do: K }>) => void;

/** How each step of a scenario is done. */
const acts = {
  killSlot: ({ server, workers }, { slot, back_ms }) =>
    workers === null ? server.slots?.kill(slot, back_ms) : workers.kill(slot, back_ms),
  stallSlot: ({ server, workers }, { slot, for_ms, lease_ms }) =>
    workers === null ? server.slots?.stall(slot, for_ms, lease_ms) : workers.stall(slot, for_ms),
  write: (cluster, action) => void cluster.write(action),
  killServer: ({ server }, { back_ms }) => server.kill(back_ms),
  stallServer: ({ server, kernel, witness }, { for_ms }) => {
    const { node } = server;
    const { life } = node;
    if (node.paused) return;
    node.pause();
    kernel.schedule(for_ms, "wake", null, () => {
      if (node.life !== life || !node.paused) return;
      witness.marks.add("server stood still and went on");
      node.resume();
    });
  },
  slowSlot: (cluster, { slot, for_ms, turn_ms }) => {
    const node = cluster.workers?.nodes[slot] ?? cluster.server.slots?.nodeOf(slot);
    if (node === undefined) return;
    node.turn_ms = turn_ms;
    cluster.kernel.schedule(for_ms, "fast slot", null, () => {
      node.turn_ms = 0;
    });
  },
  replaceServer: ({ server }, { for_ms, stays_ms }) => server.replace(for_ms, stays_ms),
  duplicate: ({ duplicates }, { for_ms, late_ms }) => duplicates.begin(for_ms, late_ms),
  cut: (cluster, { a, b, for_ms, oneWay }) => {
    const [from, to] = [placeOf(cluster, a), placeOf(cluster, b)];
    if (oneWay) cluster.network.cutOneWay(from, to);
    else cluster.network.cut(from, to);
    cluster.kernel.schedule(for_ms, "join", null, () => cluster.network.join(from, to));
  },
  resetConnections: (cluster, { a, b }) => cluster.network.reset(placeOf(cluster, a), placeOf(cluster, b)),
  diskError: ({ disk }, { point }) => disk.failNext(point),
  diskFull: (cluster, { for_ms }) => {
    cluster.disk.full = true;
    cluster.kernel.schedule(for_ms, "space", null, () => {
      cluster.disk.full = false;
    });
  },
  slowDisk: (cluster, { for_ms, by_ms }) => {
    cluster.disk.slow_ms = by_ms;
    cluster.kernel.schedule(for_ms, "fast disk", null, () => {
      cluster.disk.slow_ms = 0;
    });
  },
  slowNetwork: (cluster, { for_ms, by_ms }) => {
    cluster.networkDelay_ms = by_ms;
    cluster.kernel.schedule(for_ms, "fast network", null, () => {
      cluster.networkDelay_ms = 0;
    });
  },
  sourceFault: ({ outside }, { count }) => {
    outside.readFaults = count;
  },
  sinkFault: ({ outside }, { count, at }) => {
    if (at === "staging") outside.stageFaults = count;
    else outside.commitFaults = count;
  },
  slowSink: (cluster, { for_ms, by_ms }) => {
    cluster.outside.sinkDelay_ms = by_ms;
    cluster.kernel.schedule(for_ms, "fast sink", null, () => {
      cluster.outside.sinkDelay_ms = 0;
    });
  },
  clockJump: ({ server }, { by_ms }) => {
    server.node.skew_ms += by_ms;
  },
  checkpoint: (cluster, { job }) => {
    const { name } = programAt(cluster, job);
    void cluster.client.ask(`checkpoint ${name}`, (engine) => engine.checkpoint(name));
  },
  savepoint: (cluster, { job, fault }) => void cluster.savepoint(programAt(cluster, job), fault),
  restore: (cluster, { job, ...width }) => void cluster.restore(programAt(cluster, job), width),
  stop: (cluster, { job, fault, ...width }) => void cluster.stop(programAt(cluster, job), fault, width),
  drain: (cluster, { job }) => void cluster.drain(programAt(cluster, job)),
  rescale: (cluster, { job, ...width }) => void cluster.rescale(programAt(cluster, job), width),
  alter: (cluster, { job, query, rebuild }) => void cluster.alter(programAt(cluster, job), query, rebuild),
  pause: (cluster, { job, after_ms }) => {
    const { name } = programAt(cluster, job);
    void cluster.client
      .ask(`pause ${name}`, (engine) => engine.pause(name))
      .then((done) => {
        if (done) cluster.kernel.schedule(after_ms, "resume", null, () => void cluster.client.resume(name));
      });
  },
  cancel: (cluster, { job }) => {
    const program = programAt(cluster, job);
    const { name } = program;
    if (!cluster.isRead(program)) void cluster.client.ask(`cancel ${name}`, (engine) => engine.cancel(name));
  },
  drop: (cluster, { job, after_ms }) => {
    const program = programAt(cluster, job);
    void cluster.drop(program).then((done) => {
      if (done) cluster.kernel.schedule(after_ms, "create", null, () => void cluster.create(program));
    });
  },
} satisfies { readonly [K in Action["do"]]: Act<K> };

export function act(cluster: Cluster, action: Action): void {
  cluster.kernel.note(`step ${JSON.stringify(action)}`);
  cluster.witness.marks.add(action.do);
  (acts[action.do] as Act<Action["do"]>)(cluster, action as never);
}

const placeOf = ({ workers, server }: Cluster, place: number): SimNode => workers?.nodes[place] ?? server.node;

const programAt = ({ programs }: Cluster, job: number): Program => programs[job % programs.length] as Program;
