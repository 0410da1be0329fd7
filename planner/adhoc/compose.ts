import { SqlError } from "../../runtime/contract/errors.ts";
import type { Binder } from "../binder/binder.ts";
import type { CatalogView } from "../catalog.ts";
import type { SqlText } from "../front/statement.ts";
import { type AdhocQuery, planQuery } from "./plan-query.ts";

/** SQL of the store, and the way back from its offsets to the user's text; undefined within text of ours. */
export type PlannedSql = Omit<AdhocQuery, "relations">;

/** A query put together from text of ours and pieces of the user's, checked like any ad-hoc query. Its errors point into the pieces. */
export async function planComposed(parts: readonly (string | SqlText)[], catalog: CatalogView, binder: Binder): Promise<AdhocQuery> {
  const { text, map } = compose(parts);
  const moved = (error: unknown): never => {
    if (!(error instanceof SqlError) || error.at === undefined) throw error;
    throw error.movedTo(map(error.at));
  };
  const { sql, relations, functions, position } = await planQuery({ text, at: 0 }, catalog, binder).catch(moved);
  return {
    sql,
    relations,
    functions,
    position: (at) => {
      const inText = position(at);
      return inText === undefined ? undefined : map(inText);
    },
  };
}

function compose(parts: readonly (string | SqlText)[]): { readonly text: string; readonly map: (at: number) => number | undefined } {
  const pieces: { readonly from: number; readonly to: number; readonly at: number }[] = [];
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") text += part;
    else {
      pieces.push({ from: text.length, to: text.length + part.text.length, at: part.at });
      text += part.text;
    }
  }
  const map = (at: number): number | undefined => {
    const piece = pieces.find(({ from, to }) => at >= from && at <= to);
    return piece === undefined ? undefined : piece.at + at - piece.from;
  };
  return { text, map };
}
