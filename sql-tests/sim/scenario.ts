import type { CheckpointOptions, RestartStrategy } from "../../runtime/contract/control.ts";
import { Random } from "../oracle/random/random.ts";
import { type Action, type Kind, makers, type Step, widthOf } from "./actions.ts";
import { ordersProgram, programs, relayProgram, type Width } from "./programs.ts";

/** Of what a seed means: it changes when a seed of before takes another course now. */
export const generatorVersion = 2;

/** Everything that a seed decides but the small delays: a run can be repeated with fewer steps. */
export interface Scenario {
  readonly seed: number;
  readonly jobs: readonly ({ readonly program: string } & Width)[];
  /** Threads of the server, or TaskManagers in processes of their own. */
  readonly provider: "threads" | "processes";
  /** Threads, or TaskManagers. */
  readonly slots: number;
  /** A TaskManager that was given up is ended by whoever started it. */
  readonly endsLost: boolean;
  readonly rowsPerSplit: number;
  readonly row_ms: number;
  readonly checkpoints: CheckpointOptions;
  readonly restart: RestartStrategy;
  readonly steps: readonly Step[];
}

/** What the protocol is there for. */
const frequent: readonly Kind[] = ["killSlot", "stallSlot", "killServer", "rescale"];

export const faultsEnd_ms = 6_000;

/** Swarm testing: each seed has about half of the kinds, so that one does not always hide another. */
export function scenarioOf(seed: number): Scenario {
  const random = new Random(Math.imul(seed, 0x9e3779b1));
  const slots = random.between(1, 3);
  const chosen = (Object.keys(makers) as Kind[]).filter(() => random.oneIn(2));
  const kinds = [...chosen, ...chosen.filter((kind) => frequent.includes(kind))];
  const count = kinds.length === 0 ? 0 : random.below(10);
  const steps = Array.from({ length: count }, (): Step => {
    const make: (random: Random, slots: number) => Action = makers[random.of(kinds)];
    return { at_ms: random.between(20, faultsEnd_ms - 1_000), ...make(random, slots) };
  });
  const jobs = jobsOf(random);
  return {
    seed,
    jobs: jobs.map((program) => ({ program, ...widthOf(random) })),
    provider: random.oneIn(2) ? "threads" : "processes",
    slots,
    endsLost: random.oneIn(2),
    rowsPerSplit: random.of([40, 80]),
    row_ms: random.of([20, 60]),
    checkpoints: checkpointsOf(random),
    restart: restartOf(random),
    steps: [...steps, ...(jobs.includes(ordersProgram.name) ? writes(random) : [])].sort((a, b) => a.at_ms - b.at_ms),
  };
}

function jobsOf(random: Random): readonly string[] {
  const logs = random
    .shuffled(programs)
    .slice(0, random.oneIn(4) ? 2 : 1)
    .map(({ name }) => name);
  return random.weighted([
    [56, logs],
    [2, [ordersProgram.name]],
    [2, [relayProgram.reads as string, relayProgram.name]],
  ]);
}

const writes = (random: Random): readonly Step[] =>
  Array.from({ length: random.between(4, 12) }, () => ({
    at_ms: random.between(100, faultsEnd_ms - 500),
    do: "write",
    kind: random.of(["insert", "insert", "update", "delete"] as const),
    n: random.below(1_000),
  }));

function checkpointsOf(random: Random): CheckpointOptions {
  const minPause_ms = random.of([0, 0, 100]);
  return {
    interval_ms: random.of([250, 500, 1_000]),
    timeout_ms: random.of([400, 3_000]),
    minPause_ms,
    maxConcurrent: minPause_ms > 0 ? 1 : random.of([1, 1, 2, 4]),
    tolerableFailures: random.of([0, 3]),
    retained: random.of([1, 3]),
    unaligned: random.oneIn(2),
    alignedTimeout_ms: random.of([0, 0, 20, 200]),
  };
}

const restartOf = (random: Random): RestartStrategy =>
  random.weighted<RestartStrategy>([
    [1, { kind: "none" }],
    [3, { kind: "fixed-delay", attempts: 3, delay_ms: 100 }],
    [2, { kind: "failure-rate", failures: 3, interval_ms: 2_000, delay_ms: 50 }],
    [4, { kind: "exponential-delay", initial_ms: 50, max_ms: 1_000, multiplier: 2, reset_ms: 5_000, jitter: 0.1 }],
  ]);
