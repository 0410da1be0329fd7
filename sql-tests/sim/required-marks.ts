import { makers } from "./actions.ts";
import type { Marks } from "./marks.ts";

/** Things that must happen, by how often a thousand seeds let them happen at least. */
const perThousand: Readonly<Record<string, number>> = {
  "TaskManager given up": 20,
  "alter done": 10,
  "cancel done": 40,
  "checkpoint aborted for a task": 300,
  "checkpoint done": 8,
  "disk error after commit": 10,
  "disk error at append": 3,
  "disk error at begin": 8,
  "disk error at commit": 5,
  "disk full": 50,
  "drained before the end": 15,
  "drop done": 60,
  "message came twice": 500,
  "message of an old attempt": 30,
  "pause done": 20,
  "replaced server heard": 200,
  "replaced server went on": 40,
  "rescale done": 50,
  "resume done": 30,
  "rows in flight kept": 10,
  "rows in flight restored": 10,
  "savepoint done": 50,
  "savepoint fault at append": 5,
  "savepoint fault at commit": 3,
  "savepoint fault at finish": 5,
  "savepoint fault at open": 3,
  "server stood still and went on": 30,
  "sink fault after commit": 2,
  "sink fault at staging": 2,
  "sink fault before commit": 4,
  "slow sink": 30,
  "source fault": 60,
  "stood still and went on": 25,
  "stop done": 20,
  "task deployed again": 1_000,
  write: 100,
  "write done": 100,
  zombie: 30,
};

/** Each of the kinds of steps comes oftener. */
const ofEachStep = 60;

/** With fewer expected than this, none may be chance. */
const expected_min = 15;

/** Of the steps and what comes of them, what so many seeds should have seen and did not. */
export function missingMarks(marks: Marks, seeds: number): readonly string[] {
  const steps = Object.keys(makers).map((kind) => [kind, ofEachStep] as const);
  const wanted = [...steps, ...Object.entries(perThousand)];
  return wanted.filter(([mark, often]) => (often * seeds) / 1_000 >= expected_min && marks.get(mark) === 0).map(([mark]) => mark);
}
