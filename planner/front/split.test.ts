import { describe, expect, it } from "vitest";
import { isComplete, splitStatements } from "./split.ts";

describe("splitStatements", () => {
  it("cuts at semicolons outside quotes, comments and parentheses", () => {
    const text = " select ';' ; /* ; */ select (1;2);\n;; select $$;$$";
    expect(splitStatements(text)).toEqual([
      { text: "select ';'", at: 1 },
      { text: "select (1;2)", at: 22 },
      { text: "select $$;$$", at: 39 },
    ]);
  });

  it("keeps the body of a streaming job together, CASE … END included", () => {
    const job = "CREATE STREAMING JOB j AS BEGIN INSERT INTO a SELECT case when x then 1 end; INSERT INTO b SELECT 2; END";
    expect(splitStatements(`${job}; begin; select 1; end;`).map(({ text }) => text)).toEqual([job, "begin", "select 1", "end"]);
  });
});

describe("isComplete", () => {
  it.each([
    "select 1;",
    "select 1; select 2;",
    "select \\;",
    "create streaming job j as begin insert into a select 1; end;",
    "select 1; -- done",
  ])("sends %j", (text) => expect(isComplete(text)).toBe(true));

  it.each([
    "",
    "select 1",
    "select (1;",
    "select ';",
    "select 1; select 2",
    "select 1; /*",
    "create streaming job j as begin insert into a select 1;",
    "select $$ a; ",
  ])("waits after %j", (text) => expect(isComplete(text)).toBe(false));
});
