import { describe, expect, it } from "vitest";
import { bigint, type Schema, varchar } from "../contract/types.ts";
import { decodeCsv } from "../../sql-tests/runner/decode-text.ts";

const schema: Schema = {
  columns: [
    { name: "a", type: bigint },
    { name: "b", type: varchar },
  ],
};

describe("CSV", () => {
  const text = 'b,extra,A\r\nx,1,1\r\n"say ""hi"", é",,2\n\n"two\nlines",z,\n"",z,-4\n"quoted"\r,z,5\nlast,,6';
  const rows = [
    [1n, "x"],
    [2n, 'say "hi", é'],
    [null, "two\nlines"],
    [-4n, ""],
    [6n, "last"],
  ];

  it.each([1, 2, 3, 7, 1_000])(
    "reads quotes, line ends within them, NULLs and the header's order, from chunks of %i bytes",
    (chunk_bytes) => {
      const decoded = decodeCsv(schema, text, {}, chunk_bytes);
      expect(decoded.rows).toEqual(rows);
      expect(decoded.bad).toEqual([{ line: 8, reason: "text stands behind a closing quote", raw: '"quoted"\r,z,5' }]);
    },
  );

  it("takes delimiter, quote, NULL and the declared order from the options", () => {
    const options = { header: "false", delimiter: "\\t", quote: "'", null_text: "NA" };
    expect(decodeCsv(schema, "1\t'a\tb'\nNA\tNA\n3\t'NA'\n4\t", options)).toEqual({
      rows: [
        [1n, "a\tb"],
        [null, null],
        [3n, "NA"],
        [4n, ""],
      ],
      bad: [],
    });
  });

  it("says where bad rows are and reads on", () => {
    const { rows: good, bad } = decodeCsv(schema, 'a,b\n1,x\n2\n3,x,y\nq,"d""d"\n5,"un""closed\n6,y\n');
    expect(good).toEqual([
      [1n, "x"],
      [6n, "y"],
    ]);
    expect(bad).toEqual([
      { line: 3, reason: "it has 1 values, not 2", raw: "2" },
      { line: 4, reason: "it has 3 values, not 2", raw: "3,x,y" },
      { line: 5, reason: "column \"a\": 'q' is no BIGINT", raw: 'q,"d""d"' },
      { line: 6, reason: "a quote is never closed", raw: '5,"un""closed' },
    ]);
  });

  it("counts the lines within quotes", () => {
    expect(decodeCsv(schema, 'a,b\n1,"x\ny\nz"\nbad,\n').bad).toMatchObject([{ line: 5 }]);
  });

  it("keeps an empty line of a one-column file: it is a NULL", () => {
    expect(decodeCsv({ columns: [{ name: "a", type: bigint }] }, "a\n1\n\n3\n").rows).toEqual([[1n], [null], [3n]]);
  });

  it("refuses a column that the header lacks, and options that are no single character", () => {
    expect(() => decodeCsv(schema, "a,c\n1,2\n")).toThrow('file "t.csv" has no column "b"; its header has a, c');
    expect(() => decodeCsv(schema, "", { delimiter: "ab" })).toThrow('option "delimiter" must be one ASCII character, not "ab"');
    expect(() => decodeCsv(schema, "", { delimiter: '"' })).toThrow("must differ");
  });
});
