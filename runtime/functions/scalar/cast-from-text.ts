import { physicalOf, type SqlType } from "../../contract/types.ts";
import { textOf } from "./bytes.ts";
import type { Cast } from "./casts.ts";
import type { Code } from "./code.ts";
import type { Resolution } from "./define.ts";
import { fallible, type Refuse } from "./fallible.ts";
import { bigOfNumber, lanesOfBig } from "./number-lanes.ts";
import { errorType, isInteger, rangeOf } from "./numeric-types.ts";
import type { Slot } from "./slot.ts";
import { booleanOfText, doubleOfText, integerOfText, simpleInteger } from "./text-number.ts";

type Lanes = (code: Code, text: string, refuse: Refuse) => readonly string[];

/** Casts from VARCHAR. Those to DECIMAL, REAL and times are DuckDB's: their grammar has too many corners for a second copy. */
export function resolveTextCast(cast: Cast): Resolution | null {
  if (cast.argument.type.id !== "varchar") return null;
  const lanes = lanesOf(cast.type);
  if (lanes === null) return null;
  return {
    arguments: [cast.argument],
    emit: (code, [a]) => {
      const text = (a as Slot).lanes.join(", ");
      return fallible(code, cast.type, a as Slot, { tryCast: cast.tryCast, sqlState: "22P02" }, (refuse) =>
        lanes(code, text, cast.tryCast ? refuse : refuseText(code, text)),
      );
    },
  };
}

function lanesOf(type: SqlType): Lanes | null {
  if (isInteger(type)) return integerLanes(type);
  if (type.id === "double") return doubleLanes;
  return type.id === "boolean" ? booleanLanes : null;
}

/** Of a text that was refused. */
const shown_max = 80;

class RefusedText {
  #text = "";

  keep(bytes: Uint8Array, start: number, end: number): void {
    this.#text = textOf(bytes, start, end);
  }

  get shown(): string {
    return this.#text.length > shown_max ? `${this.#text.slice(0, shown_max)}…` : this.#text;
  }
}

/** Leaves the loop with the text that is no value. */
function refuseText(code: Code, text: string): Refuse {
  const refused = new RefusedText();
  return (condition, message) => {
    const failure = code.failureOf(() => ({ sqlState: "22P02", message: `${message}: "${refused.shown}"` }));
    code.line(`if (${condition}) { ${code.constant(refused)}.keep(${text}); ${failure} }`);
  };
}

const invalid = (type: string): string => `invalid input syntax for type ${type}`;

/** Undefined when the text is no integer of the type. */
const integerWithin =
  (type: SqlType) =>
  (bytes: Uint8Array, start: number, end: number): bigint | undefined => {
    const { min, max } = rangeOf(type);
    const value = integerOfText(textOf(bytes, start, end), type.id === "hugeint");
    return value === undefined || value < min || value > max ? undefined : value;
  };

function integerLanes(type: SqlType): Lanes {
  const general = integerWithin(type);
  const { min, max } = rangeOf(type);
  const [least, greatest] = [Number(min), Number(max)];
  return (code, text, refuse) => {
    const simple = code.local(`${code.constant(simpleInteger)}(${text})`);
    const isSimple = `${simple} >= ${code.constant(least)} && ${simple} <= ${code.constant(greatest)}`;
    const result = code.declare(type, null);
    code.block(`if (${isSimple})`, () => code.assign(result, fromNumber(code, type, simple)));
    code.block("else", () => {
      const value = code.local(`${code.constant(general)}(${text})`);
      refuse(`${value} === undefined`, invalid(errorType(type)));
      code.block(`if (${value} !== undefined)`, () => code.assign(result, fromBig(code, type, value)));
    });
    return result.lanes;
  };
}

function fromNumber(code: Code, type: SqlType, number: string): readonly string[] {
  if (physicalOf(type) === "i32") return [number];
  const big = bigOfNumber(code, number);
  return physicalOf(type) === "i64" ? [big] : [big, `${big} < 0n ? -1n : 0n`];
}

function fromBig(code: Code, type: SqlType, big: string): readonly string[] {
  if (physicalOf(type) === "i32") return [`Number(${big})`];
  return physicalOf(type) === "i64" ? [`BigInt.asIntN(64, ${big})`] : lanesOfBig(code, big);
}

const doubleOf = (bytes: Uint8Array, start: number, end: number): number | undefined => doubleOfText(textOf(bytes, start, end));
const booleanOf = (bytes: Uint8Array, start: number, end: number): boolean | undefined => booleanOfText(textOf(bytes, start, end));

const doubleLanes: Lanes = (code, text, refuse) => {
  const value = code.local(`${code.constant(doubleOf)}(${text})`);
  refuse(`${value} === undefined`, invalid("DOUBLE"));
  return [`${value} ?? 0`];
};

const booleanLanes: Lanes = (code, text, refuse) => {
  const value = code.local(`${code.constant(booleanOf)}(${text})`);
  refuse(`${value} === undefined`, invalid("BOOLEAN"));
  return [`${value} ?? 0`];
};
