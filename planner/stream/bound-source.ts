import type { Expression } from "../../runtime/contract/expressions.ts";
import type { SourceObject } from "../catalog.ts";

/** A source with its expressions bound, over the positions of all its columns. */
export interface BoundSource {
  readonly source: SourceObject;
  /** Computed columns by position. */
  readonly computed: ReadonlyMap<number, Expression>;
  readonly watermark: { readonly column: number; readonly expression: Expression } | null;
}
