import { assert, type SqlState } from "../../contract/errors.ts";
import { physicalOf, type SqlType } from "../../contract/types.ts";
import { heapBytes, initialOf, type Slot } from "./slot.ts";

/** Why a loop was left. */
export interface Failure {
  readonly sqlState: SqlState;
  readonly message: string;
}

/** What a failure is, asked once it has happened. */
type FailureSource = () => Failure;

/**
 * The text of one generated row loop. No text of a user enters it: names are made here and values go through `constant`.
 * Values in scope: `i` the row, `heap` the ByteHeap, `now` µs as BigInt.
 */
export class Code {
  readonly pool: unknown[] = [];
  readonly failures: FailureSource[] = [];
  readonly #lines: (string | (() => string))[] = [];
  readonly #poolNames = new Map<unknown, string>();
  #scopes: Map<string, Slot>[] = [new Map()];
  #names = 0;

  line(text: string): void {
    this.#lines.push(text);
  }

  /** A line that is known only after what follows it was generated. */
  later(text: () => string): void {
    this.#lines.push(text);
  }

  name(): string {
    return `v${this.#names++}`;
  }

  /** The name of a value that the generated code may use. */
  constant(value: unknown): string {
    const known = this.#poolNames.get(value);
    if (known !== undefined) return known;
    const name = `K${this.pool.push(value) - 1}`;
    this.#poolNames.set(value, name);
    return name;
  }

  /** `const name = expression;` */
  local(expression: string): string {
    const name = this.name();
    this.line(`const ${name} = ${expression};`);
    return name;
  }

  /** A block whose locals, and the common subexpressions found in it, end with it. */
  block(head: string, body: () => void): void {
    this.line(`${head} {`);
    this.#scopes.push(new Map());
    body();
    this.#scopes.pop();
    this.line("}");
  }

  recall(key: string): Slot | undefined {
    for (const scope of this.#scopes) {
      const slot = scope.get(key);
      if (slot !== undefined) return slot;
    }
    return undefined;
  }

  remember(key: string, slot: Slot): void {
    this.#scopes.at(-1)?.set(key, slot);
  }

  /**
   * A statement that leaves the loop because the user's data has no value here. The loop returns which failure it was, below 0:
   * a call that throws would make the loop load every array again on each row.
   */
  failure(sqlState: SqlState, message: string): string {
    return this.failureOf(() => ({ sqlState, message }));
  }

  /** The same where the message depends on the row. */
  failureOf(source: FailureSource): string {
    return `return ${-this.failures.push(source)};`;
  }

  /** Lanes that later code assigns. A string's array is fixed: `bytes` names it. */
  declare(type: SqlType, isNull: string | null, bytes: string = heapBytes): Slot {
    const initial = initialOf(type);
    const lanes = initial.map((value) => {
      if (value === "") return bytes;
      const name = this.name();
      this.line(`let ${name} = ${value};`);
      return name;
    });
    return { type, lanes, isNull };
  }

  assign(slot: Slot, lanes: readonly string[]): void {
    assert(slot.lanes.length === lanes.length, "a value has the lanes of its type");
    this.line(assignment(slot, lanes));
  }

  text(): string {
    return this.#lines.map((l) => (typeof l === "string" ? l : l())).join("\n");
  }
}

/** `a = x; b = y;`, all but a string's array, which is fixed. */
export const assignment = (slot: Slot, lanes: readonly string[]): string =>
  slot.lanes.map((name, l) => (l === 0 && physicalOf(slot.type) === "bytes" ? "" : `${name} = ${lanes[l]};`)).join(" ");

/** NULL where any of the slots is. */
export function anyNull(code: Code, slots: readonly Slot[]): string | null {
  const flags = [...new Set(slots.map((slot) => slot.isNull).filter((flag) => flag !== null))];
  if (flags.length === 0) return null;
  return flags.length === 1 ? (flags[0] as string) : code.local(flags.join(" | "));
}

/** A function that is defined, and cannot fail, for whatever lies below a NULL: computed without a branch. */
export function total(code: Code, type: SqlType, args: readonly Slot[], lanes: readonly string[]): Slot {
  return { type, lanes: lanes.map((expression) => code.local(expression)), isNull: anyNull(code, args) };
}

/** A function that may only see values: computed where no argument is NULL. `lanes` may write code before its result. */
export function strict(code: Code, type: SqlType, args: readonly Slot[], lanes: () => readonly string[], bytes: string = heapBytes): Slot {
  const isNull = anyNull(code, args);
  const result = code.declare(type, isNull, bytes);
  code.block(isNull === null ? "" : `if (!${isNull})`, () => code.assign(result, lanes()));
  return result;
}

/** As `strict`, for a function that gives NULL itself: `lanes` gets the name of a flag that its code may set to 1. */
export function nullable(
  code: Code,
  type: SqlType,
  args: readonly Slot[],
  lanes: (isNull: string) => readonly string[],
  bytes: string = heapBytes,
): Slot {
  const isNull = code.name();
  code.line(`let ${isNull} = ${anyNull(code, args) ?? "0"};`);
  const result = code.declare(type, isNull, bytes);
  code.block(`if (!${isNull})`, () => code.assign(result, lanes(isNull)));
  return result;
}
