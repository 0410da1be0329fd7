import { day_us } from "../../contract/text-time.ts";
import { simple, varchar } from "../../contract/types.ts";
import type { NativeFunction } from "./define.ts";
import { readNumber } from "./read-number.ts";
import { readTime } from "./read-time.ts";
import { decimalScale } from "./to-char-number.ts";

/** Texts read by a template of Postgres'. */
export const fromText: readonly NativeFunction[] = [
  {
    name: "to_date",
    doc: "A date read from a text by a template of Postgres'.",
    examples: [
      ["to_date('05 Dec 2000', 'DD Mon YYYY')", "2000-12-05"],
      ["to_date('2024-034', 'YYYY-DDD')", "2024-02-03"],
    ],
    parameters: [varchar, varchar],
    returns: simple("date"),
    evaluate: (text: string, template: string) => readTime(text, template).days,
  },
  {
    name: "to_timestamp",
    doc: "A time stamp with time zone read from a text by a template of Postgres'.",
    examples: [["to_timestamp('2024-02-03 02:05 PM', 'YYYY-MM-DD HH12:MI PM')", "2024-02-03 14:05:00+00"]],
    parameters: [varchar, varchar],
    returns: simple("timestamptz"),
    evaluate: (text: string, template: string) => {
      const { days, clock_us } = readTime(text, template);
      return BigInt(days) * BigInt(day_us) + BigInt(clock_us);
    },
  },
  {
    name: "to_number",
    doc: "A DECIMAL(38,10) read from a text by a template of Postgres'.",
    examples: [["to_number('12,454.8-', '99G999D9S')", "-12454.8000000000"]],
    parameters: [varchar, varchar],
    returns: { id: "decimal", width: 38, scale: decimalScale },
    evaluate: (text: string, template: string) => (template === "" ? null : readNumber(text, template, decimalScale)),
  },
];
