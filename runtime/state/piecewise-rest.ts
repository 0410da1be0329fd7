import type { Batch } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import type { DeltaRest } from "../contract/operator.ts";

/** A rest that knows whom its pieces go to. */
export abstract class PiecewiseRest implements DeltaRest {
  protected take: (rows: Batch) => void = () => assert(false, "a rest is given to someone before rows change");

  giveTo(take: (rows: Batch) => void): void {
    this.take = take;
  }

  abstract write(rows_max: number): boolean;
  abstract drop(): void;
}
