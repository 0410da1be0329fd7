import type { Column } from "../../contract/batch.ts";
import { bigint } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import type { Pointer } from "../../kernels/kernels.ts";
import { Counters } from "./counters.ts";
import type { AggregateDefinition } from "./definition.ts";
import { validMask } from "./input.ts";

/** Number of the rows whose arguments are not NULL. */
class Count extends Counters {
  private readonly out = new ColumnBuffer();

  constructor(offset: number, args: readonly number[]) {
    super(offset, 1, (input) => [validMask(input, args)]);
  }

  finish(rows: Pointer, count: number): Column {
    return this.out.i64(this.counter(rows, count, 0), count, null);
  }
}

const counted = {
  accumulators: () => [{ name: "count", type: bigint }],
  retractable: () => true,
} as const;

export const countStar: AggregateDefinition = {
  ...counted,
  name: "count_star",
  doc: "Number of rows.",
  example: { sql: "SELECT count(*) FROM (VALUES (1), (NULL), (3)) t(x)" },
  accepts: (types) => types.length === 0,
  create: (_call, place) => new Count(place.offset, []),
};

export const count: AggregateDefinition = {
  ...counted,
  name: "count",
  doc: "Number of rows whose argument is not NULL.",
  example: { sql: "SELECT count(x) FROM (VALUES (1), (NULL), (3)) t(x)" },
  accepts: (types) => types.length === 1,
  create: (call, place) => new Count(place.offset, call.arguments),
};
