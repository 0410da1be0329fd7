import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assert } from "../contract/errors.ts";
import { batchOf, rowsOf } from "../contract/rows.ts";
import { bigint, varchar } from "../contract/types.ts";
import { kernels } from "../kernels/kernels.ts";
import { FrozenGroups } from "./frozen-groups.ts";
import { gathered, GroupTable, staged } from "./group-table.ts";
import { KeyLayout, rowHeader_bytes } from "./key-layout.ts";

const state = {
  columns: [
    { name: "key", type: varchar },
    { name: "count", type: bigint },
  ],
};
const keySchema = { columns: state.columns.slice(0, 1) };

/** Counts of keys, changed in each of the ways that operators change groups. */
class Counts {
  readonly #keys = new KeyLayout([varchar]);
  readonly #table = new GroupTable(this.#keys, 8);
  readonly #count = rowHeader_bytes + 8 * this.#keys.keyWords;

  add(keys: readonly string[], marksLater: boolean): void {
    staged(() => {
      const rows = this.#find(keys, !marksLater);
      if (marksLater) this.#table.mark(rows, keys.length);
      kernels().run.addCount(rows, keys.length, this.#count, 0, 0);
    });
  }

  erase(keys: readonly string[]): void {
    const known = [...new Set(keys)].filter((key) => this.contents().has(key));
    staged(() => this.#table.erase(this.#find(known, false), known.length));
  }

  /** Set back to nothing without a mark: the change is in no snapshot. */
  clear(keys: readonly string[]): void {
    const known = keys.filter((key) => this.contents().has(key));
    staged(() => {
      const rows = this.#find(known, false);
      this.#table.meet(rows, known.length);
      kernels().run.scatterConstant(rows, known.length, this.#count, 0n);
    });
  }

  freeze(): FrozenGroups<string> | null {
    return FrozenGroups.of([{ table: this.#table, tag: "t" }], (rows, count, runs) => {
      assert(runs.reduce((sum, run) => sum + run.rows, 0) === count, "every row is of a table");
      return this.#batch(rows, count);
    });
  }

  contents(): Map<string, bigint> {
    return staged(() => {
      const { rows, count } = this.#table.allRows();
      return new Map(rowsOf(state, this.#batch(rows, count)) as [string, bigint][]);
    });
  }

  /** The changed rows that the next snapshot would have. */
  changed(): Map<string, bigint> {
    const rest = this.freeze();
    const found = new Map<string, bigint>();
    rest?.giveTo((puts) => {
      for (const [key, count] of rowsOf(state, puts) as [string, bigint][]) found.set(key, count);
    });
    while (rest?.write(3) === true);
    return found;
  }

  free(): void {
    this.#table.free();
    this.#keys.free();
  }

  #batch(rows: number, count: number) {
    const counts = { phys: "i64", values: gathered(rows, count, this.#count), validity: null } as const;
    return { rows: count, columns: [...this.#keys.decode(rows, count), counts], weights: null };
  }

  #find(keys: readonly string[], mark: boolean): number {
    return this.#table.find(
      batchOf(
        keySchema,
        keys.map((key) => [key]),
      ).columns,
      keys.length,
      { insert: true, mark },
    );
  }
}

const key = fc.constantFrom("a", "b", "a key of more than seven bytes", "", "d", "e", "f", "g");
const keys = fc.array(key, { maxLength: 6 });
const action = fc.oneof(
  fc.record({ do: fc.constant("add" as const), keys, later: fc.boolean() }),
  fc.record({ do: fc.constantFrom("erase" as const, "clear" as const), keys }),
  fc.record({ do: fc.constant("write" as const), rows: fc.integer({ min: 1, max: 3 }) }),
);

describe("FrozenGroups", () => {
  it("writes each changed group once, as it was, whatever becomes of it meanwhile", () => {
    fc.assert(
      fc.property(fc.array(fc.array(action, { maxLength: 10 }), { maxLength: 4 }), fc.boolean(), (rounds, freed) => {
        const [counts, twin] = [new Counts(), new Counts()];
        const apply = (to: Counts, step: (typeof rounds)[number][number]): void => {
          if (step.do === "add") to.add(step.keys, step.later);
          else if (step.do === "erase") to.erase(step.keys);
          else if (step.do === "clear") to.clear(step.keys);
        };
        let rest: FrozenGroups<string> | null = null;
        let written: [string, bigint][] = [];
        let expected = new Map<string, bigint>();
        const check = (): void => {
          while (rest?.write(2) === true);
          expect(written.length).toBe(expected.size);
          expect(new Map(written)).toEqual(expected);
        };
        for (const steps of rounds) {
          for (const step of steps) {
            if (step.do === "write") rest?.write(step.rows);
            apply(counts, step);
            apply(twin, step);
          }
          check();
          expect(counts.contents()).toEqual(twin.contents());
          expected = twin.changed();
          written = [];
          rest = counts.freeze();
          rest?.giveTo((puts) => written.push(...(rowsOf(state, puts) as [string, bigint][])));
        }
        if (freed) counts.free();
        check();
        if (!freed) counts.free();
        twin.free();
      }),
      { numRuns: 300 },
    );
  });
});
