import { fromJavaFormat, fromPostgresFormat } from "./datetime-format.ts";
import type { Rule } from "./draft.ts";
import { quoteString } from "./pieces.ts";

interface FormatCall {
  readonly duckdb: "strftime" | "strptime";
  readonly translate: (format: string, at: number) => string;
  /** What the call's result is cast to. */
  readonly cast: string;
}

const calls: Readonly<Record<string, FormatCall>> = {
  to_char: { duckdb: "strftime", translate: fromPostgresFormat, cast: "" },
  to_date: { duckdb: "strptime", translate: fromPostgresFormat, cast: "::date" },
  to_timestamp: { duckdb: "strptime", translate: fromPostgresFormat, cast: "::timestamptz" },
  date_format: { duckdb: "strftime", translate: fromJavaFormat, cast: "" },
};

/** DuckDB wants a constant format in its own patterns, so that only a literal can be translated. */
const formats: Rule = (draft, i) => {
  const word = draft.word(i);
  const call = Object.hasOwn(calls, word) ? calls[word] : undefined;
  if (call === undefined || draft.mark(i + 1) !== "(" || draft.mark(i - 1) === ".") return;
  const format = draft.arguments(i + 1)[1];
  const token = format !== undefined && format.from === format.to ? draft.token(format.from) : undefined;
  if (format === undefined || token?.kind !== "string" || draft.arguments(i + 1).length !== 2 || isNumeric(token.value)) return;
  draft.set(i, call.duckdb);
  draft.set(format.from, quoteString(call.translate(token.value, token.start)));
  draft.append(draft.close(i + 1), call.cast);
};

/** `to_char(n, '999.00')` formats a number. */
const isNumeric = (format: string): boolean => /^(?:FM)?[\s$]*[09S][09.,GDSMIPR]*$/i.test(format);

export const formatRules: readonly Rule[] = [formats];
