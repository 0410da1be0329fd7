import { assert } from "../contract/errors.ts";
import type { Batch, Column, Validity } from "../contract/batch.ts";
import { physicalOf } from "../contract/types.ts";
import type { Code } from "../functions/scalar/code.ts";
import type { Path } from "../functions/scalar/path.ts";
import type { Slot } from "../functions/scalar/slot.ts";

type TypedArray = Uint8Array | Int32Array | BigInt64Array | Float64Array;
type Read = (batch: Batch) => TypedArray | null;

/** The arrays of input columns that one kernel reads: `C0`, `C1` … in the order in which its code asked for them. */
export class KernelInputs {
  readonly #reads: Read[] = [];
  readonly #names = new Map<string, string>();
  readonly #nullable: boolean;

  /** `nullable`: the code asks every column whether the row is NULL; else no column has a NULL. */
  constructor(nullable: boolean) {
    this.#nullable = nullable;
  }

  get names(): readonly string[] {
    return this.#reads.map((_, r) => `C${r}`);
  }

  /** The arrays for one batch; `ones` stands for a validity of nothing but values. */
  bind(batch: Batch, ones: Uint8Array): TypedArray[] {
    return this.#reads.map((read) => read(batch) ?? ones);
  }

  /** The array behind a name, e.g. of the strings that a result shares with its input. */
  arrayOf(name: string, batch: Batch): TypedArray {
    const array = this.#reads[this.names.indexOf(name)]?.(batch);
    assert(array !== null && array !== undefined, "the name is one of an input's arrays");
    return array;
  }

  /** The value of row `i`. */
  load(code: Code, path: Path): Slot {
    const key = `${path.column}.${path.fields.join(".")}`;
    const array = (lane: string): string => this.#name(`${key} ${lane}`, (batch) => laneOf(columnAt(batch, path), lane));
    const element = (lane: string): string => code.local(`${array(lane)}[i]`);
    const isNull = this.#isNull(code, path);
    const slot = (lanes: readonly string[]): Slot => ({ type: path.type, lanes, isNull });
    switch (physicalOf(path.type)) {
      case "u8":
      case "i32":
      case "i64":
      case "f64":
        return slot([element("values")]);
      case "i128":
        return slot([element("lo"), element("hi")]);
      case "bytes":
        return slot([array("bytes"), element("start"), element("end")]);
      case "interval":
        return slot([element("months"), element("days"), element("micros")]);
      default:
        return slot([]);
    }
  }

  /** A field is NULL where it or any struct around it is. */
  #isNull(code: Code, path: Path): string | null {
    if (!this.#nullable) return null;
    const levels = Array.from({ length: path.fields.length + 1 }, (_, depth) => {
      const fields = path.fields.slice(0, depth);
      return `${this.#name(`${path.column}.${fields.join(".")} validity`, (batch) => columnAt(batch, { ...path, fields }).validity)}[i]`;
    });
    return code.local(`(${levels.join(" & ")}) ^ 1`);
  }

  #name(key: string, read: Read): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `C${this.#reads.push(read) - 1}`;
    this.#names.set(key, name);
    return name;
  }
}

/** The column behind a path; `validity` is its own, not that of the structs around it. */
export function columnAt(batch: Batch, path: Pick<Path, "column" | "fields">): Column {
  let column = batch.columns[path.column] as Column;
  for (const field of path.fields) {
    assert(column.phys === "struct", "a path goes through structs");
    column = column.fields[field] as Column;
  }
  return column;
}

/** Whether a row behind the path may be NULL in this batch. */
export function hasNulls(batch: Batch, path: Pick<Path, "column" | "fields">): boolean {
  return Array.from({ length: path.fields.length + 1 }, (_, depth) => path.fields.slice(0, depth)).some(
    (fields) => columnAt(batch, { column: path.column, fields }).validity !== null,
  );
}

/** NULL where the field or a struct around it is. */
export function validityAt(batch: Batch, path: Path): Validity {
  const levels = Array.from({ length: path.fields.length + 1 }, (_, depth) => path.fields.slice(0, depth))
    .map((fields) => columnAt(batch, { column: path.column, fields }).validity)
    .filter((validity) => validity !== null);
  if (levels.length < 2) return levels[0] ?? null;
  return Uint8Array.from({ length: batch.rows }, (_, i) => (levels.every((level) => level[i] === 1) ? 1 : 0));
}

function laneOf(column: Column, lane: string): TypedArray {
  const array = (column as unknown as Record<string, TypedArray | undefined>)[lane];
  assert(array !== undefined, `a column of ${column.phys} has the lane ${lane}`);
  return array;
}
