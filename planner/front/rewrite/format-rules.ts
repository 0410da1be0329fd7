import { fromJavaFormat } from "./datetime-format.ts";
import type { Rule } from "./draft.ts";
import { quoteString } from "./pieces.ts";

/** Flink's DATE_FORMAT. DuckDB wants a constant format in its own patterns, so that only a literal can be translated. */
const dateFormat: Rule = (draft, i) => {
  if (draft.word(i) !== "date_format" || draft.mark(i + 1) !== "(" || draft.mark(i - 1) === ".") return;
  const format = draft.arguments(i + 1)[1];
  const token = format !== undefined && format.from === format.to ? draft.token(format.from) : undefined;
  if (format === undefined || token?.kind !== "string" || draft.arguments(i + 1).length !== 2) return;
  draft.set(i, "strftime");
  draft.set(format.from, quoteString(fromJavaFormat(token.value, token.start)));
};

export const formatRules: readonly Rule[] = [dateFormat];
