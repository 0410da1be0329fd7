import type { Case } from "./case.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import { stagesOf } from "./job-sql.ts";
import type { Outcome } from "./run-case.ts";

/** What ran, by outcome and by what the queries use. */
export class Report {
  readonly counts: Record<Outcome["kind"], number> = { equal: 0, refused: 0, invalid: 0, different: 0, failed: 0 };
  readonly #features = new Map<string, { equal: number; refused: number }>();
  readonly #messages = new Map<string, number>();

  add(test: Case, outcome: Outcome): void {
    this.counts[outcome.kind]++;
    if (outcome.kind === "refused" || outcome.kind === "invalid") {
      const message = `${outcome.kind}: ${outcome.message}`;
      this.#messages.set(message, (this.#messages.get(message) ?? 0) + 1);
    }
    if (outcome.kind !== "equal" && outcome.kind !== "refused") return;
    for (const feature of test.features) {
      const seen = this.#features.get(feature) ?? { equal: 0, refused: 0 };
      seen[outcome.kind]++;
      this.#features.set(feature, seen);
    }
  }

  /** Those that no query with an answer asked for. */
  unanswered(features: readonly string[]): readonly string[] {
    return features.filter((feature) => (this.#features.get(feature)?.equal ?? 0) === 0);
  }

  /** All that was asked for. */
  asked(): readonly string[] {
    return [...this.#features.keys()];
  }

  /** Counts by outcome, of answers per feature, and why the others had none. */
  text(): string {
    const counts = Object.entries(this.counts).map(([kind, count]) => `${count} ${kind}`);
    const features = [...this.#features]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { equal, refused }]) => `${name} ${equal}/${equal + refused}`);
    const messages = [...this.#messages].sort((a, b) => b[1] - a[1]).slice(0, 25);
    return [
      counts.join(", "),
      `answered of asked: ${features.join("; ")}`,
      ...messages.map(([message, count]) => `  ${count} × ${message}`),
    ].join("\n");
  }
}

export interface Failure {
  readonly seed: number;
  readonly outcome: Outcome;
  readonly shrunk: Case;
}

/** For a person: the query, the changes step by step, what differs, and how to run it again. */
export function describeFailure({ seed, outcome, shrunk }: Failure): string {
  const steps = shrunk.steps.map(({ changes, killAfter, advance_ms = 0, unseen }, at) => {
    const lines = changes.map(({ table, weight, row }) => `    ${weight === 1 ? "+" : "-"} ${table} ${JSON.stringify(row)}`);
    const notes = [
      ...(advance_ms === 0 ? [] : [`, ${advance_ms} ms later`]),
      ...(killAfter === null ? [] : [`, killed after ${killAfter} elements`]),
      ...(unseen === undefined ? [] : [", which must change nothing"]),
    ];
    return [`  step ${at + 1}${notes.join("")}`, ...lines].join("\n");
  });
  return [
    `case ${seed} at parallelism ${shrunk.parallelism.join(", ")}: ${outcomeText(outcome)}`,
    ...(
      stagesOf(shrunk)
        .at(-1)
        ?.script(shrunk.parallelism[0] ?? 1) ?? ""
    )
      .split("\n")
      .map((line) => `  ${line}`),
    ...steps,
    `  the whole case again:  npm run fuzz -- --seed ${seed} --cases 1`,
    `  this smaller one:      npm run fuzz -- --replay '${JSON.stringify(shrunk).replaceAll("'", "'\\''")}'`,
  ].join("\n");
}

function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case "equal":
      return "equal";
    case "different":
      return [`differs from the batch after step ${outcome.step + 1}`, ...outcome.lines.slice(0, 20)].join("\n    ");
    default:
      return `${outcome.kind}: ${outcome.message}`;
  }
}

/** Rows of values in messages. */
export const renderCell = (row: readonly Value[]): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
