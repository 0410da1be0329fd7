import type { CheckpointOptions, RestartStrategy } from "../../runtime/contract/control.ts";
import { Random } from "../oracle/random/random.ts";
import type { DiskPoint } from "./kernel/disk.ts";
import { ordersProgram, programs } from "./programs.ts";

/** A fault, or something that a user asks for. */
export type Action =
  | { readonly do: "killSlot"; readonly slot: number; readonly back_ms: number }
  | { readonly do: "stallSlot"; readonly slot: number; readonly for_ms: number; readonly lease_ms: number }
  /** A statement that changes the table `orders`, in programs that read it. */
  | { readonly do: "write"; readonly kind: "insert" | "update" | "delete"; readonly n: number }
  | { readonly do: "killServer"; readonly back_ms: number }
  | { readonly do: "stallServer"; readonly for_ms: number }
  /** Places are TaskManagers by number; -1 is the server. */
  | { readonly do: "cut"; readonly a: number; readonly b: number; readonly for_ms: number; readonly oneWay: boolean }
  | { readonly do: "resetConnections"; readonly a: number; readonly b: number }
  | { readonly do: "diskError"; readonly point: DiskPoint }
  | { readonly do: "diskFull"; readonly for_ms: number }
  | { readonly do: "slowDisk"; readonly for_ms: number; readonly by_ms: number }
  | { readonly do: "slowNetwork"; readonly for_ms: number; readonly by_ms: number }
  | { readonly do: "sourceFault"; readonly count: number }
  | { readonly do: "sinkFault"; readonly count: number }
  | { readonly do: "slowSink"; readonly for_ms: number; readonly by_ms: number }
  | { readonly do: "clockJump"; readonly by_ms: number }
  | { readonly do: "checkpoint"; readonly job: number }
  | { readonly do: "savepoint"; readonly job: number }
  | { readonly do: "rescale"; readonly job: number; readonly parallelism: number; readonly after_ms: number }
  | { readonly do: "pause"; readonly job: number; readonly after_ms: number }
  | { readonly do: "cancel"; readonly job: number }
  | { readonly do: "drop"; readonly job: number; readonly after_ms: number };

export type Step = Action & { readonly at_ms: number };

/** Everything that a seed decides but the small delays: a run can be repeated with fewer steps. */
export interface Scenario {
  readonly seed: number;
  readonly jobs: readonly { readonly program: string; readonly parallelism: number }[];
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

type Kind = Exclude<Action["do"], "write">;

const makers = {
  killSlot: (r, slots) => ({ do: "killSlot", slot: r.below(slots), back_ms: r.of([20, 200, 1_000, 8_000]) }),
  stallSlot: (r, slots) => ({
    do: "stallSlot",
    slot: r.below(slots),
    for_ms: r.of([50, 350, 400, 1_100, 1_500, 4_000]),
    lease_ms: r.of([300, 1_000]),
  }),
  killServer: (r) => ({ do: "killServer", back_ms: r.of([1, 50, 500]) }),
  stallServer: (r) => ({ do: "stallServer", for_ms: r.of([100, 800, 2_500]) }),
  cut: (r, slots) => ({ do: "cut", ...pairOf(r, slots), for_ms: r.of([100, 500, 1_500, 3_000]), oneWay: r.oneIn(2) }),
  resetConnections: (r, slots) => ({ do: "resetConnections", ...pairOf(r, slots) }),
  diskError: (r) => ({ do: "diskError", point: r.of(["begin", "append", "commit", "lost"] as const) }),
  diskFull: (r) => ({ do: "diskFull", for_ms: r.of([100, 800, 3_000]) }),
  slowDisk: (r) => ({ do: "slowDisk", for_ms: r.of([200, 2_000]), by_ms: r.of([5, 60, 300]) }),
  slowNetwork: (r) => ({ do: "slowNetwork", for_ms: r.of([200, 2_000]), by_ms: r.of([5, 50, 400]) }),
  sourceFault: (r) => ({ do: "sourceFault", count: r.between(1, 3) }),
  sinkFault: (r) => ({ do: "sinkFault", count: r.between(1, 3) }),
  slowSink: (r) => ({ do: "slowSink", for_ms: r.of([500, 3_000]), by_ms: r.of([20, 300, 2_000]) }),
  clockJump: (r) => ({ do: "clockJump", by_ms: r.of([-86_400_000, -5_000, 5_000, 315_360_000_000]) }),
  checkpoint: (r) => ({ do: "checkpoint", job: r.below(2) }),
  savepoint: (r) => ({ do: "savepoint", job: r.below(2) }),
  rescale: (r) => ({ do: "rescale", job: r.below(2), parallelism: r.between(1, 4), after_ms: r.of([0, 100, 700]) }),
  pause: (r) => ({ do: "pause", job: r.below(2), after_ms: r.of([0, 100, 700]) }),
  cancel: (r) => ({ do: "cancel", job: r.below(2) }),
  drop: (r) => ({ do: "drop", job: r.below(2), after_ms: r.of([0, 100, 700]) }),
} satisfies { readonly [K in Kind]: (random: Random, slots: number) => Extract<Action, { do: K }> };

function pairOf(random: Random, slots: number): { readonly a: number; readonly b: number } {
  const a = random.below(slots);
  return { a, b: slots === 1 || random.oneIn(2) ? -1 : (a + 1 + random.below(slots - 1)) % slots };
}

/** What the protocol is there for. */
const frequent: readonly Kind[] = ["killSlot", "stallSlot", "killServer"];

/** Files are slow: few seeds have savepoints. */
const rare: readonly Kind[] = ["savepoint"];

export const faultsEnd_ms = 6_000;

/** Swarm testing: each seed has about half of the kinds, so that one does not always hide another. */
export function scenarioOf(seed: number): Scenario {
  const random = new Random(Math.imul(seed, 0x9e3779b1));
  const slots = random.between(1, 3);
  const chosen = (Object.keys(makers) as Kind[]).filter((kind) => (rare.includes(kind) ? random.oneIn(16) : random.oneIn(2)));
  const kinds = [...chosen, ...chosen.filter((kind) => frequent.includes(kind))];
  const count = kinds.length === 0 ? 0 : random.below(8);
  const steps = Array.from({ length: count }, (): Step => {
    const make: (random: Random, slots: number) => Action = makers[random.of(kinds)];
    return { at_ms: random.between(20, faultsEnd_ms - 1_000), ...make(random, slots) };
  });
  const jobs = random
    .shuffled(programs)
    .slice(0, random.oneIn(4) ? 2 : 1)
    .map(({ name }) => ({ program: name, parallelism: random.between(1, 3) }));
  const readsTable = random.oneIn(16);
  return {
    seed,
    jobs: readsTable ? [{ program: ordersProgram.name, parallelism: random.between(1, 3) }] : jobs,
    provider: random.oneIn(2) ? "threads" : "processes",
    slots,
    endsLost: random.oneIn(2),
    rowsPerSplit: random.of([40, 80]),
    row_ms: random.of([20, 60]),
    checkpoints: checkpointsOf(random),
    restart: restartOf(random),
    steps: [...steps, ...(readsTable ? writes(random) : [])].sort((a, b) => a.at_ms - b.at_ms),
  };
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
    unaligned: false,
    alignedTimeout_ms: 0,
  };
}

const restartOf = (random: Random): RestartStrategy =>
  random.weighted<RestartStrategy>([
    [1, { kind: "none" }],
    [3, { kind: "fixed-delay", attempts: 3, delay_ms: 100 }],
    [2, { kind: "failure-rate", failures: 3, interval_ms: 2_000, delay_ms: 50 }],
    [4, { kind: "exponential-delay", initial_ms: 50, max_ms: 1_000, multiplier: 2, reset_ms: 5_000, jitter: 0.1 }],
  ]);
