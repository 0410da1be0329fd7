import type { Draft, Rule } from "./draft.ts";

/** A type's name stands here: after `::`, after AS in CAST, or before a literal (`numeric '1.5'`). */
function isType(draft: Draft, i: number): boolean {
  if (draft.operator(i - 1) === "::") return true;
  if (draft.word(i - 1) === "as") return endsCast(draft, i);
  return draft.isString(i + 1) && draft.mark(i - 1) !== ".";
}

/** `AS` names a type when the parenthesis around it belongs to CAST: an alias is never followed by the end of a call. */
function endsCast(draft: Draft, i: number): boolean {
  let depth = 0;
  for (let j = i - 1; j >= 0; j--) {
    const mark = draft.mark(j);
    if (mark !== "" && ")]}".includes(mark)) depth++;
    else if (mark !== "" && "([{".includes(mark) && depth-- === 0) return mark === "(" && /^(?:try_)?cast$/.test(draft.word(j - 1));
  }
  return false;
}

const renamed: Readonly<Record<string, string>> = {
  jsonb: "json",
  timestamp_ltz: "timestamptz",
  bytes: "blob",
  varbinary: "blob",
  name: "varchar",
};

const typeNames: Rule = (draft, i) => {
  const name = renamed[draft.word(i)];
  if (name !== undefined && isType(draft, i)) draft.set(i, name);
};

/** DuckDB's numeric without a precision is DECIMAL(18,3) and rounds in silence. */
const decimals: Rule = (draft, i) => {
  if (/^(?:numeric|decimal|dec)$/.test(draft.word(i)) && draft.mark(i + 1) !== "(" && isType(draft, i)) draft.set(i, "decimal(38,10)");
};

/** TIMESTAMP(3) is another type in DuckDB; all of ours have microseconds. */
const precisions: Rule = (draft, i) => {
  if (!/^(?:timestamp|timestamptz|timestamp_ltz|time|interval)$/.test(draft.word(i)) || draft.mark(i + 1) !== "(") return;
  if (draft.token(i + 2)?.kind === "number" && draft.mark(i + 3) === ")") draft.drop(i + 1, i + 3);
};

/** `WITH LOCAL TIME ZONE` (Flink). */
const localZones: Rule = (draft, i) => {
  if (draft.word(i) === "local" && draft.word(i - 1) === "with" && draft.word(i + 1) === "time" && draft.word(i + 2) === "zone")
    draft.drop(i);
};

export const typeRules: readonly Rule[] = [typeNames, decimals, precisions, localZones];
