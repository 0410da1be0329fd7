import { describe, expect, it } from "vitest";
import type { JobInfo, SubtaskInfo, VertexInfo } from "../../runtime/contract/control.ts";
import { watermarkRows } from "./explain-watermark.ts";

const subtask = (index: number, watermark_us: bigint | null, recordsIn: number): SubtaskInfo => ({
  vertexId: "v",
  subtask: index,
  attempt: 1,
  state: "RUNNING",
  slot: 0,
  recordsIn,
  recordsOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  framesOut: 0,
  rates: { recordsIn: 0, recordsOut: 0, bytesIn: 0, bytesOut: 0 },
  watermark_us,
  busy_ratio: 0,
  backpressured_ratio: 0,
  busy_ms: 0,
  backpressured_ms: 0,
  entered_ms: {},
});
const vertex = (id: string, inputs: readonly string[], watermarks: readonly (bigint | null)[], rows = 1): VertexInfo => ({
  id,
  name: `Vertex ${id}`,
  parallelism: watermarks.length,
  inputs,
  subtasks: watermarks.map((watermark_us, i) => subtask(i, watermark_us, rows)),
});
const rowsOf = (...vertices: VertexInfo[]) => watermarkRows({ vertices } as Partial<JobInfo> as JobInfo, 10_000);
const reasons = (...vertices: VertexInfo[]): readonly unknown[] => rowsOf(...vertices).map((row) => row[4]);

const ended = 2n ** 63n - 1n;

describe("EXPLAIN WATERMARK", () => {
  it("gives the least watermark of the subtasks and how far it is behind the clock", () => {
    expect(rowsOf(vertex("a", [], [9_000_000n, 7_000_000n]))[0]?.slice(0, 4)).toEqual(["Vertex a", 2n, 7_000_000n, 3_000n]);
  });

  it("names the input that holds a vertex back, and the subtask of a source", () => {
    expect(reasons(vertex("a", [], [9n, 7n]), vertex("b", [], [3n]), vertex("c", ["a", "b"], [3n]))).toEqual([
      "the latest event time of subtask 1 less its delay: a later row moves it on, or the source option idle_timeout when none comes",
      "the latest event time less its delay: a later row moves it on, or the source option idle_timeout when none comes",
      'as far as "Vertex b"',
    ]);
  });

  it("names subtasks of a source that had no row", () => {
    expect(reasons(vertex("a", [], [7n, null, ended]))).toEqual([
      "subtask 1 has had no row yet, which holds the others back until it has or is idle (idle_timeout)",
    ]);
  });

  it("tells apart a source without rows, one without event time, and inputs that have ended", () => {
    expect(
      reasons(vertex("a", [], [null], 0), vertex("b", [], [null], 5), vertex("c", [], [ended]), vertex("d", ["a", "c"], [null])),
    ).toEqual([
      "no row has come yet",
      "its rows have no event time: operators downstream do not wait for a watermark of it",
      "the input has ended: nothing is waited for",
      'waits for a first watermark of "Vertex a"',
    ]);
  });
});
