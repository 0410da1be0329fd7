/** Makes an instant of another: moves it, as an interval does, or goes back to the start of its day. UTC. */
export type InstantStep =
  | { readonly kind: "shift"; readonly months: number; readonly days: number; readonly micros: bigint }
  | { readonly kind: "startOfDay" };

/** `column operator f(now())`: true for a stretch of processing time, as f only grows with it. */
export interface TemporalBound {
  /** TIMESTAMP or TIMESTAMPTZ. */
  readonly column: number;
  readonly operator: ">" | ">=" | "<" | "<=";
  /** From now() to the other side. */
  readonly steps: readonly InstantStep[];
}

/**
 * Keeps the rows for which all bounds hold at the present moment of processing time, and so sends rows on when their time comes
 * and takes them back when it is over. Output columns = input columns; a changelog when a bound ends (`>`, `>=`) or the input is one.
 */
export interface TemporalFilterSpec {
  readonly op: "temporalFilter";
  readonly bounds: readonly TemporalBound[];
  /** The input carries weights: rows are found again by `keys`, the exchange's. */
  readonly changelog: boolean;
  /** By which its state is distributed. */
  readonly keys: readonly number[];
}
