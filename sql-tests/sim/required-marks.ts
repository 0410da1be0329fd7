import { makers } from "./actions.ts";
import type { Marks } from "./marks.ts";

/** Things that must happen, by how often a thousand seeds let them happen at least. */
const perThousand: Readonly<Record<string, number>> = {};

/** With fewer expected than this, none may be chance. */
const expected_min = 15;

/** Of the steps and what comes of them, what so many seeds should have seen and did not. */
export function missingMarks(marks: Marks, seeds: number): readonly string[] {
  const steps = Object.keys(makers).map((kind) => [kind, perThousand[kind] ?? 40] as const);
  const wanted = [...steps, ...Object.entries(perThousand)];
  return wanted.filter(([mark, often]) => (often * seeds) / 1_000 >= expected_min && marks.get(mark) === 0).map(([mark]) => mark);
}
