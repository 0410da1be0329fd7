import type { Draft, Rule } from "./draft.ts";

/** Functions under DuckDB's names. They are not macros because a macro takes no DISTINCT, FILTER or ORDER BY. */
const functions: Readonly<Record<string, string>> = {
  json_agg: "json_group_array",
  jsonb_agg: "json_group_array",
  json_object_agg: "json_group_object",
  jsonb_object_agg: "json_group_object",
  json_build_object: "json_object",
  jsonb_build_object: "json_object",
  json_build_array: "json_array",
  jsonb_build_array: "json_array",
  json_extract_path: "mr_json_extract_path",
  jsonb_extract_path: "mr_json_extract_path",
  json_extract_path_text: "mr_json_extract_path_text",
  jsonb_extract_path_text: "mr_json_extract_path_text",
  jsonb_strip_nulls: "json_strip_nulls",
  jsonb_each: "json_each",
  jsonb_each_text: "json_each",
  every: "bool_and",
};

const isCall = (draft: Draft, i: number): boolean => draft.mark(i + 1) === "(" && draft.mark(i - 1) !== ".";

const calls: Rule = (draft, i) => {
  const word = draft.word(i);
  if (Object.hasOwn(functions, word) && isCall(draft, i)) draft.set(i, functions[word] ?? word);
};

/** Flink's FIRST_VALUE as an aggregate, without OVER. */
const firstAndLast: Rule = (draft, i) => {
  const word = draft.word(i);
  if ((word !== "first_value" && word !== "last_value") || !isCall(draft, i)) return;
  const after = draft.word(draft.close(i + 1) + 1);
  if (!/^(?:over|filter|within|ignore|respect)$/.test(after)) draft.set(i, word.slice(0, -"_value".length));
};

/** Reserved in DuckDB and free in Postgres. */
const reserved = new Set(
  "anti asof at columns describe glob lambda map pivot pivot_longer pivot_wider positional qualify semi show struct summarize try_cast unpack unpivot".split(
    " ",
  ),
);
const beforeColumn = /^(?:select|distinct|by|and|or|not|on|where|having|when|then|else|as|between|in|like|set|)$/;
const afterColumn =
  /^(?:from|as|is|in|and|or|not|asc|desc|nulls|between|like|ilike|then|when|else|end|where|group|order|having|limit|union|except|intersect|)$/;

/** Such a word where a column's name stands is quoted. */
const columns: Rule = (draft, i) => {
  const word = draft.word(i);
  if (!reserved.has(word) || draft.word(i - 2) === "information_schema") return;
  const isPart = draft.mark(i - 1) === "." || draft.mark(i + 1) === ".";
  const begins = draft.word(i - 1) !== "" ? beforeColumn.test(draft.word(i - 1)) : /^(?:[(,[]|)$/.test(draft.mark(i - 1));
  const ends =
    draft.word(i + 1) !== "" ? afterColumn.test(draft.word(i + 1)) : /^(?:[),\]]|)$/.test(draft.mark(i + 1)) && !isLiteral(draft, i + 1);
  if (isPart || (begins && ends && !isLiteral(draft, i - 1))) draft.set(i, `"${word}"`);
};

const isLiteral = (draft: Draft, i: number): boolean =>
  ["string", "number", "quoted", "parameter", "bits"].includes(draft.token(i)?.kind ?? "");

/** `OVERLAY(s PLACING r FROM n FOR m)` as a macro's call with commas. */
const overlay: Rule = (draft, i) => {
  if (draft.word(i) !== "overlay" || !isCall(draft, i)) return;
  draft.set(i, "overlay_text");
  const close = draft.close(i + 1);
  for (let j = i + 2; j < close; j++) {
    if ("([{".includes(draft.mark(j)) && draft.mark(j) !== "") j = draft.close(j);
    else if (/^(?:placing|from|for)$/.test(draft.word(j))) draft.set(j, ",");
  }
};

/** `SUBSTRING(s FROM 'pattern')`: a text in the place of an offset is a regular expression. */
const substringRegexp: Rule = (draft, i) => {
  if (!/^substr(?:ing)?$/.test(draft.word(i)) || !isCall(draft, i)) return;
  const close = draft.close(i + 1);
  if (!draft.isString(close - 1)) return;
  const isFrom = draft.word(close - 2) === "from";
  if (!isFrom && draft.mark(close - 2) !== ",") return;
  draft.set(i, "substring_regexp");
  if (isFrom) draft.set(close - 2, ",");
};

/** Seconds with their fraction: `EXTRACT(SECOND FROM t)`, `date_part('second', t)`. */
const seconds: Rule = (draft, i) => {
  if (!isCall(draft, i)) return;
  const word = draft.word(i);
  const isExtract = word === "extract" && draft.word(i + 3) === "from";
  const isPart = word === "date_part" && draft.isString(i + 2) && draft.mark(i + 3) === ",";
  if ((!isExtract && !isPart) || !/^seconds?$/i.test(draft.token(i + 2)?.value ?? "")) return;
  draft.set(i, "extract_second");
  draft.drop(i + 2, i + 3);
};

export const nameRules: readonly Rule[] = [calls, firstAndLast, columns, overlay, substringRegexp, seconds];
