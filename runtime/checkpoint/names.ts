import { quoteName } from "../contract/quote.ts";
/** A table of schema `millrace_state`, quoted. */
export const stateTable = (name: string): string => `millrace_state.${quoteName(name)}`;

export const resultTable = (name: string): string => `public.${quoteName(name)}`;

/**
 * Names that are distinct also when case is ignored, as DuckDB does: a column `Origin` beside `origin`, or beside one of
 * ours, gets a number. Names that need none are kept.
 */
export function distinctNames(names: readonly string[], taken: readonly string[]): readonly string[] {
  const used = new Set(taken.map((name) => name.toLowerCase()));
  return names.map((name) => {
    let distinct = name;
    for (let n = 2; used.has(distinct.toLowerCase()); n++) distinct = `${name}_${n}`;
    used.add(distinct.toLowerCase());
    return distinct;
  });
}
