import { describe, expect, it } from "vitest";
import { openReader, readAll, readBatches, sortedText, StillWorld } from "../../../sql-tests/runner/read-source.ts";

const bid = "auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, date_time TIMESTAMP, extra VARCHAR";
const auction =
  "id BIGINT, item_name VARCHAR, description VARCHAR, initial_bid BIGINT, reserve BIGINT, date_time TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT, extra VARCHAR";
const person =
  "id BIGINT, name VARCHAR, email_address VARCHAR, credit_card VARCHAR, city VARCHAR, state VARCHAR, date_time TIMESTAMP, extra VARCHAR";
const events = { events: "10500" };

describe("nexmark", () => {
  it.each([
    ["bid", bid, 46],
    ["auction", auction, 3],
    ["person", person, 1],
  ])("makes the shares of %s, the same at every parallelism", async (table, columns, share) => {
    const options = { table, ...events };
    const { rows } = await readAll("nexmark", columns, options);
    expect(rows.length).toBe((10_500 / 50) * share);
    for (const parallelism of [2, 3, 70]) {
      const parts = [];
      for (let subtaskIndex = 0; subtaskIndex < parallelism; subtaskIndex++) {
        parts.push(...(await readAll("nexmark", columns, options, { subtaskIndex, parallelism })).rows);
      }
      expect(sortedText(parts)).toEqual(sortedText(rows));
    }
  });

  it("makes the same columns whichever are asked for, and others for another seed", async () => {
    const all = (await readAll("nexmark", bid, events)).rows;
    const some = (await readAll("nexmark", "extra VARCHAR, price BIGINT", events)).rows;
    expect(some).toEqual(all.map((row) => [row[6], row[2]]));
    expect((await readAll("nexmark", "price BIGINT", { ...events, seed: "1" })).rows).not.toEqual(some.map((row) => [row[1]]));
  });

  it("goes on from any position, at another parallelism, with exactly the rest", async () => {
    const few = "auction BIGINT, price BIGINT, date_time TIMESTAMP";
    const whole = sortedText((await readAll("nexmark", few, events)).rows);
    for (const batches of [0, 1, 2]) {
      const first = await openReader("nexmark", few, events, { parallelism: 2, subtaskIndex: 0 });
      const other = await openReader("nexmark", few, events, { parallelism: 2, subtaskIndex: 1 });
      const rows = [...(await readBatches(first, batches)).flat(), ...(await readBatches(other, 1)).flat()];
      const positions = [...first.reader.positions(), ...other.reader.positions()];
      for (let subtaskIndex = 0; subtaskIndex < 3; subtaskIndex++) {
        rows.push(...(await readAll("nexmark", few, events, { subtaskIndex, parallelism: 3 }, positions)).rows);
      }
      expect(sortedText(rows)).toEqual(whole);
    }
  });

  it("refers to auctions and persons that have been there", async () => {
    const bids = (await readAll("nexmark", "auction BIGINT, bidder BIGINT, date_time TIMESTAMP", events)).rows;
    const auctions = (
      await readAll("nexmark", "id BIGINT, seller BIGINT, expires TIMESTAMP, date_time TIMESTAMP", { ...events, table: "auction" })
    ).rows;
    const persons = new Set((await readAll("nexmark", "id BIGINT", { ...events, table: "person" })).rows.map(([id]) => id));
    const opened = new Map(auctions.map(([id, , , time]) => [id, time as bigint]));
    expect(opened.size).toBe(630);
    expect(bids.every(([id, who, time]) => (opened.get(id as bigint) ?? 2n ** 62n) <= (time as bigint) && persons.has(who as bigint))).toBe(
      true,
    );
    expect(auctions.every(([, seller, expires, time]) => persons.has(seller as bigint) && (expires as bigint) > (time as bigint))).toBe(
      true,
    );
  });

  it("spaces event time evenly, and disturbs it only within the bound", async () => {
    const options = { ...events, event_rate: "1000", first_event_time: "1970-01-01 00:00:10" };
    const even = (await readAll("nexmark", "date_time TIMESTAMP", options)).rows.map(([t]) => t as bigint);
    expect(even.slice(0, 3)).toEqual([10_004_000n, 10_005_000n, 10_006_000n]);
    const disturbed = (await readAll("nexmark", "date_time TIMESTAMP", { ...options, out_of_order: "2s" })).rows.map(([t]) => t as bigint);
    const early = disturbed.map((t, i) => (even[i] as bigint) - t);
    expect(early.every((e) => e >= 0n && e < 2_000_000n)).toBe(true);
    expect(early.some((e) => e > 1_900_000n)).toBe(true);
  });

  it("keeps to its rate", async () => {
    const world = new StillWorld();
    const opened = await openReader("nexmark", "price BIGINT", { rate: "100" }, { world });
    expect(await readBatches(opened)).toEqual([]);
    world.now = 1_000;
    expect((await readBatches(opened)).flat().length).toBe(92);
    expect(await readBatches(opened)).toEqual([]);
  });

  it("refuses columns that the benchmark does not have", async () => {
    await expect(readAll("nexmark", "prize BIGINT", events)).rejects.toThrow('nexmark has no column "prize" BIGINT');
    await expect(readAll("nexmark", "price INTEGER", events)).rejects.toThrow('nexmark has no column "price" INTEGER');
  });
});
