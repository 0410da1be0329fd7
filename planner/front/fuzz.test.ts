import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SqlError } from "../../runtime/contract/errors.ts";
import { parseStatements } from "./parse.ts";
import { rewriteQuery } from "./rewrite/rewrite-query.ts";
import { isComplete } from "./split.ts";

/** A failure prints the seed; SEED=… replays it. */
const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const words =
  "select from where create source streaming job as begin end insert into values ( ) [ ] { } , ; . : :: -> ->> #>> ~ !~ - + * / = => <= 'a' '' '\\_' E'\\x41' U&'\\0041' $$x$$ $1 0x1F 1.5 \"q\" `b` tumble hop session cumulate table descriptor partition by interval minute to second '1' '1 h' like similar not case when overlay placing to_char numeric timestamp at emit on update every with primary key watermark for int bigint struct < > >> array show set reset explain prepare execute drop alter explain returning update delete group order data size offset".split(
    " ",
  );
const text = fc.oneof(
  fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => parts.join(" ")),
  fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), { maxLength: 30 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 60 }),
);

/** Whether the call ends well or with a positioned SqlError inside the text. */
function isOrderly(call: () => unknown, length: number): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return error.at !== undefined && error.at >= 0 && error.at <= length;
  }
}

describe(`random text (seed ${seed})`, () => {
  it("parses or is refused at a position in the text", () => {
    expect(() =>
      fc.assert(
        fc.property(text, (sql) => isOrderly(() => parseStatements(sql), sql.length)),
        { seed, numRuns: 3_000 },
      ),
    ).not.toThrow();
  });

  it("is rewritten or refused, and every offset leads back into the text", () => {
    const holds = (sql: string): boolean =>
      isOrderly(() => {
        const rewritten = rewriteQuery({ text: sql, at: 0 });
        for (let i = 0; i <= rewritten.text.length; i++) {
          const at = rewritten.map(i);
          if (at < 0 || at > sql.length) throw new Error(`offset ${i} leads to ${at}`);
        }
      }, sql.length);
    expect(() => fc.assert(fc.property(text, holds), { seed, numRuns: 3_000 })).not.toThrow();
  });

  it("is complete or not, without an error", () => {
    expect(() =>
      fc.assert(
        fc.property(text, (sql) => typeof isComplete(sql) === "boolean"),
        { seed, numRuns: 500 },
      ),
    ).not.toThrow();
  });

  it("does not take long, however it is nested or repeated", () => {
    const hard = [
      "(".repeat(199) + ")".repeat(199),
      "case ".repeat(20_000),
      "tumble((".repeat(90),
      "'a'\n".repeat(20_000),
      "select * from ".repeat(10_000),
      "a -> 'b' ".repeat(10_000),
      "like '\\' ".repeat(5_000),
    ];
    const start = performance.now();
    for (const sql of hard) {
      isOrderly(() => parseStatements(`select ${sql}`), Number.POSITIVE_INFINITY);
      isOrderly(() => rewriteQuery({ text: `select ${sql}`, at: 0 }), Number.POSITIVE_INFINITY);
    }
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
