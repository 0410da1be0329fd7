import { describe, expect, it } from "vitest";
import { rewriteQuery } from "./rewrite-query.ts";

const rewritten = (text: string): string => rewriteQuery({ text, at: 0 }).text.replaceAll(/\s+/g, " ");

describe("FOR SYSTEM_TIME AS OF", () => {
  it.each([
    [
      "SELECT * FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts AS v ON o.k = v.k WHERE o.x > 1",
      "SELECT * FROM o JOIN (select * from r offset 0) AS v ON mr_as_of( o.ts) >= mr_version( v.k) AND ( o.k = v.k) WHERE o.x > 1",
    ],
    [
      'SELECT * FROM o LEFT JOIN public."R" FOR SYSTEM_TIME AS OF ts ON left(o.k, 1) = "R".k OR false LEFT JOIN x ON true',
      'SELECT * FROM o LEFT JOIN (select * from public."R" offset 0) AS "R" ON mr_as_of( ts) >= mr_version( "R".k) AND ( left(o.k, 1) = "R".k OR false) LEFT JOIN x ON true',
    ],
    [
      "SELECT * FROM o JOIN t FOR SYSTEM_TIME AS OF PROCTIME() v ON v.k = o.k",
      "SELECT * FROM o JOIN (select * from t offset 0) AS v ON mr_lookup( o.k) >= mr_version( v.k) AND ( v.k = o.k)",
    ],
  ])("%s", (text, expected) => {
    expect(rewritten(text)).toBe(expected);
  });

  it("is rewritten for each of several joins, and within subqueries", () => {
    const twice = "SELECT * FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts AS a ON o.k = a.k JOIN r FOR SYSTEM_TIME AS OF o.ts AS b ON o.l = b.k";
    expect(rewritten(twice).match(/mr_version/g)).toHaveLength(2);
    expect(rewritten(`SELECT * FROM (${twice}) q`).match(/offset 0/g)).toHaveLength(2);
  });

  it("keeps the positions of what the user wrote", () => {
    const text = "SELECT * FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts AS v ON o.key = v.key";
    const query = rewriteQuery({ text, at: 0 });
    expect(text.slice(query.map(query.text.indexOf("v.key")))).toBe("v.key");
    expect(text.slice(query.map(query.text.indexOf("o.ts")))).toMatch(/^o\.ts AS v/);
  });
});
