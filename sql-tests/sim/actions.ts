import type { Random } from "../oracle/random/random.ts";
import type { DiskPoint } from "./kernel/disk.ts";
import type { Width } from "./programs.ts";

/** A fault, or something that a user asks for. */
export type Action =
  | { readonly do: "killSlot"; readonly slot: number; readonly back_ms: number }
  | { readonly do: "stallSlot"; readonly slot: number; readonly for_ms: number; readonly lease_ms: number }
  /** The tasks of a process get a turn only so often. */
  | { readonly do: "slowSlot"; readonly slot: number; readonly for_ms: number; readonly turn_ms: number }
  /** A statement that changes the table `orders`, in programs that read it. */
  | { readonly do: "write"; readonly kind: "insert" | "update" | "delete"; readonly n: number }
  | { readonly do: "killServer"; readonly back_ms: number }
  | { readonly do: "stallServer"; readonly for_ms: number }
  /** The server stands still, another takes its place on the same store; then the first goes on for a while, not knowing. */
  | { readonly do: "replaceServer"; readonly for_ms: number; readonly stays_ms: number }
  /** Places are TaskManagers by number; -1 is the server. */
  | { readonly do: "cut"; readonly a: number; readonly b: number; readonly for_ms: number; readonly oneWay: boolean }
  | { readonly do: "resetConnections"; readonly a: number; readonly b: number }
  /** Control messages come a second time, `late_ms` later at most. */
  | { readonly do: "duplicate"; readonly for_ms: number; readonly late_ms: number }
  | { readonly do: "diskError"; readonly point: DiskPoint }
  | { readonly do: "diskFull"; readonly for_ms: number }
  | { readonly do: "slowDisk"; readonly for_ms: number; readonly by_ms: number }
  | { readonly do: "slowNetwork"; readonly for_ms: number; readonly by_ms: number }
  | { readonly do: "sourceFault"; readonly count: number }
  | { readonly do: "sinkFault"; readonly count: number; readonly at: "staging" | "commit" }
  | { readonly do: "slowSink"; readonly for_ms: number; readonly by_ms: number }
  | { readonly do: "clockJump"; readonly by_ms: number }
  | { readonly do: "checkpoint"; readonly job: number }
  | { readonly do: "savepoint"; readonly job: number; readonly fault: SavepointFault | null }
  /** The job is dropped and created again from its last savepoint. */
  | ({ readonly do: "restore"; readonly job: number } & Width)
  /** STOP WITH SAVEPOINT; then the job is dropped and created again from it. */
  | ({ readonly do: "stop"; readonly job: number; readonly fault: SavepointFault | null } & Width)
  | { readonly do: "drain"; readonly job: number }
  | ({ readonly do: "rescale"; readonly job: number } & Width)
  | { readonly do: "alter"; readonly job: number; readonly query: number; readonly rebuild: boolean }
  | { readonly do: "pause"; readonly job: number; readonly after_ms: number }
  | { readonly do: "cancel"; readonly job: number }
  | { readonly do: "drop"; readonly job: number; readonly after_ms: number };

/** Where the disk fails under a savepoint's file. */
export type SavepointFault = "open" | "append" | "commit" | "finish";

export type Step = Action & { readonly at_ms: number };
export type Kind = Exclude<Action["do"], "write">;

/** What a seed may choose: a kind's action with all its parameters. */
export const makers = {
  killSlot: (r, slots) => ({ do: "killSlot", slot: r.below(slots), back_ms: r.of([20, 200, 1_000, 8_000]) }),
  stallSlot: (r, slots) => ({
    do: "stallSlot",
    slot: r.below(slots),
    for_ms: r.of([50, 350, 400, 1_100, 1_500, 4_000]),
    lease_ms: r.of([300, 1_000]),
  }),
  slowSlot: (r, slots) => ({ do: "slowSlot", slot: r.below(slots), for_ms: r.of([300, 1_500]), turn_ms: r.of([5, 25, 80]) }),
  killServer: (r) => ({ do: "killServer", back_ms: r.of([1, 50, 500]) }),
  stallServer: (r) => ({ do: "stallServer", for_ms: r.of([100, 800, 2_500]) }),
  replaceServer: (r) => ({ do: "replaceServer", for_ms: r.of([50, 400, 1_500]), stays_ms: r.of([200, 2_000]) }),
  cut: (r, slots) => ({ do: "cut", ...pairOf(r, slots), for_ms: r.of([100, 500, 1_500, 3_000]), oneWay: r.oneIn(2) }),
  resetConnections: (r, slots) => ({ do: "resetConnections", ...pairOf(r, slots) }),
  duplicate: (r) => ({ do: "duplicate", for_ms: r.of([500, 2_000]), late_ms: r.of([0, 5, 100, 1_000]) }),
  diskError: (r) => ({ do: "diskError", point: r.of(["begin", "append", "commit", "lost"] as const) }),
  diskFull: (r) => ({ do: "diskFull", for_ms: r.of([100, 800, 3_000]) }),
  slowDisk: (r) => ({ do: "slowDisk", for_ms: r.of([200, 2_000]), by_ms: r.of([5, 60, 300]) }),
  slowNetwork: (r) => ({ do: "slowNetwork", for_ms: r.of([200, 2_000]), by_ms: r.of([5, 50, 400]) }),
  sourceFault: (r) => ({ do: "sourceFault", count: r.between(1, 3) }),
  sinkFault: (r) => ({ do: "sinkFault", count: r.between(1, 3), at: r.of(["staging", "commit"] as const) }),
  slowSink: (r) => ({ do: "slowSink", for_ms: r.of([500, 3_000]), by_ms: r.of([20, 300, 2_000]) }),
  clockJump: (r) => ({ do: "clockJump", by_ms: r.of([-86_400_000, -5_000, 5_000, 315_360_000_000]) }),
  checkpoint: (r) => ({ do: "checkpoint", job: r.below(2) }),
  savepoint: (r) => ({ do: "savepoint", job: r.below(2), fault: savepointFault(r) }),
  restore: (r) => ({ do: "restore", job: r.below(2), ...widthOf(r) }),
  stop: (r) => ({ do: "stop", job: r.below(2), fault: savepointFault(r), ...widthOf(r) }),
  drain: (r) => ({ do: "drain", job: r.below(2) }),
  rescale: (r) => ({ do: "rescale", job: r.below(2), ...widthOf(r) }),
  alter: (r) => ({ do: "alter", job: r.below(2), query: r.below(3), rebuild: r.oneIn(2) }),
  pause: (r) => ({ do: "pause", job: r.below(2), after_ms: r.of([0, 100, 700]) }),
  cancel: (r) => ({ do: "cancel", job: r.below(2) }),
  drop: (r) => ({ do: "drop", job: r.below(2), after_ms: r.of([0, 100, 700]) }),
} satisfies { readonly [K in Kind]: (random: Random, slots: number) => Extract<Action, { do: K }> };

export const widthOf = (random: Random): Width => ({
  parallelism: random.between(1, 4),
  source: random.oneIn(3) ? random.between(1, 3) : null,
});

const savepointFault = (random: Random): SavepointFault | null =>
  random.oneIn(4) ? random.of(["open", "append", "commit", "finish"] as const) : null;

function pairOf(random: Random, slots: number): { readonly a: number; readonly b: number } {
  const a = random.below(slots);
  return { a, b: slots === 1 || random.oneIn(2) ? -1 : (a + 1 + random.below(slots - 1)) % slots };
}
