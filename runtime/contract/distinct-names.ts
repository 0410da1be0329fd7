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
