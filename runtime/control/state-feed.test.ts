import { describe, expect, it } from "vitest";
import { StateFeed } from "./state-feed.ts";

const megabytes = (count: number) => ({
  uid: "op",
  table: "rows",
  frames: Array.from({ length: count }, () => new ArrayBuffer(1_048_576)),
});

async function opened(feed: StateFeed): Promise<{ readonly state: () => boolean | "waits" }> {
  let state: boolean | "waits" = "waits";
  void feed.ready().then((ready) => (state = ready));
  await new Promise((resolve) => setImmediate(resolve));
  return { state: () => state };
}

describe("state on its way to tasks", () => {
  it("goes on up to 64 MB, then when tasks have taken some of it in", async () => {
    const sent: string[] = [];
    const feed = new StateFeed((vertex, subtask) => sent.push(`${vertex}/${subtask}`));
    feed.take("v", 0, megabytes(63));
    expect((await opened(feed)).state()).toBe(true);
    feed.take("v", 1, megabytes(1));
    const waiting = await opened(feed);
    expect(waiting.state()).toBe("waits");
    feed.restored(1_048_576);
    await new Promise((resolve) => setImmediate(resolve));
    expect(waiting.state()).toBe(true);
    expect(sent).toEqual(["v/0", "v/1"]);
  });

  it("is wanted no more when the attempt has ended: who waits is told, and nothing is sent", async () => {
    const sent: string[] = [];
    const feed = new StateFeed((vertex) => sent.push(vertex));
    feed.take("v", 0, megabytes(64));
    const waiting = await opened(feed);
    feed.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(waiting.state()).toBe(false);
    feed.take("v", 0, megabytes(1));
    expect(sent).toEqual(["v"]);
  });
});
