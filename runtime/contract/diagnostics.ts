/**
 * What a process of the cluster can be asked about itself. Questions and answers are structured-cloneable and bounded (limits.ts).
 * Threads are named as the process names them: `main`, and `slot-<index>` for the slots, numbered within the process.
 */
export type Question =
  | { readonly kind: "logs" }
  /** One of the files that `logs` names, its end if it is long. */
  | { readonly kind: "log"; readonly name: string }
  /** What the process says now: its log, or what goes to stdout. */
  | { readonly kind: "said"; readonly to: "log" | "stdout" }
  | { readonly kind: "threads" }
  | { readonly kind: "profile"; readonly threads: readonly string[]; readonly view: ProfileView };

/** Time at work, time waiting for something to do, or both. */
export type ProfileView = "on_cpu" | "off_cpu" | "full";

export type Answer =
  | { readonly kind: "logs"; readonly files: readonly LogFile[] }
  /** null: there is no such file. */
  | { readonly kind: "log"; readonly text: string | null }
  | { readonly kind: "threads"; readonly threads: readonly ThreadStack[] }
  | { readonly kind: "profile"; readonly root: StackNode }
  /** The process could not tell. */
  | { readonly kind: "failed"; readonly reason: string };

export interface LogFile {
  readonly name: string;
  readonly size_bytes: number;
  readonly modified_ms: number;
}

export interface ThreadStack {
  readonly name: string;
  /** `waiting`: in the event loop, for a message or a timer. */
  readonly state: "running" | "waiting";
  /** `function (file:line)`, the innermost first. */
  readonly frames: readonly string[];
}

/** Samples by stack: those of a node include its children's. */
export interface StackNode {
  readonly name: string;
  readonly samples: number;
  readonly children: readonly StackNode[];
}

/** Answers never reject: what goes wrong is an answer too. */
export type Ask = (question: Question) => Promise<Answer>;
