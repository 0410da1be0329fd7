import type { Answer } from "./client.ts";

const cell = (value: unknown): string =>
  value === null || value === undefined
    ? ""
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value as string | number | boolean);

const numeric = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U\w*INT|FLOAT|DOUBLE|DECIMAL)/;

/** Rows as psql prints them: a header, a rule, numbers to the right, the count below. */
export function printTable({ columns = [], rows = [] }: Answer): string {
  const texts = rows.map((row) => columns.map((c) => cell(row[c.name])));
  const widths = columns.map((c, i) => Math.max(c.name.length, ...texts.map((t) => (t[i] ?? "").length)));
  const line = (parts: readonly string[], pad: (text: string, i: number) => string): string => ` ${parts.map(pad).join(" | ")}`.trimEnd();
  const right = columns.map((c) => numeric.test(c.type));
  return [
    line(
      columns.map((c) => c.name),
      (text, i) => text.padEnd(widths[i] ?? 0),
    ),
    widths.map((w) => "-".repeat(w + 2)).join("+"),
    ...texts.map((t) => line(t, (text, i) => (right[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))),
    `(${rows.length} ${rows.length === 1 ? "row" : "rows"})`,
  ].join("\n");
}
