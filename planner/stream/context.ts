import type { Expression } from "../../runtime/contract/expressions.ts";
import type { SourceObject } from "../catalog.ts";
import type { Locate } from "../logical/locate.ts";

/** A source with its expressions bound, over the positions of all its columns. */
export interface BoundSource {
  readonly source: SourceObject;
  /** Computed columns by position. */
  readonly computed: ReadonlyMap<number, Expression>;
  readonly watermark: { readonly column: number; readonly expression: Expression } | null;
}

export interface StreamContext {
  readonly sources: ReadonlyMap<string, BoundSource>;
  readonly locate: Locate;
  /** Pre-aggregate in front of exchanges. */
  readonly localAggregate: boolean;
  /** Result table for late rows. */
  readonly lateRows: { readonly table: string; readonly at: number } | null;
  /** What grows without bound, for the user to know. */
  readonly notices: string[];
}
