import type { Expression } from "../../contract/expressions.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import { physicalOf, type SqlType } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import { type CollectDefinition, countOf, type Item, present } from "./collect-definition.ts";
import { isOrdered } from "./kept-value.ts";
import { isTime } from "../../contract/type-classes.ts";

/** A share of the rows, exactly numerator / denominator. */
interface Share {
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly value: number;
}

const day_us = 86_400_000_000n;

function shareOf(constant: Expression): Share {
  if (constant.kind !== "literal") throw new Error("invariant: a quantile is a literal");
  const { value, type } = constant;
  if (typeof value === "bigint") {
    const denominator = 10n ** BigInt(type.id === "decimal" ? type.scale : 0);
    return { numerator: value, denominator, value: Number(value) / Number(denominator) };
  }
  const share = Number(value);
  const scale = 2 ** 52;
  return { numerator: BigInt(Math.round(share * scale)), denominator: BigInt(scale), value: share };
}

/** The value at a position of the sorted rows. */
function valueAtPosition(bag: readonly Item[], position: number): Value {
  let at = 0;
  for (const item of bag) {
    at += item.times;
    if (position < at) return item.values[0] ?? null;
  }
  return null;
}

/** The least value that at least this share of the rows is not above. */
function discrete(bag: readonly Item[], share: Share): Value {
  const n = BigInt(countOf(bag));
  const below = (n * (share.denominator - share.numerator)) / share.denominator;
  const index = n - below > 1n ? n - below - 1n : 0n;
  return valueAtPosition(bag, Number(index));
}

/** Between the two rows around the place of the share. Decimals are cut toward the lower row and times are rounded, as in DuckDB. */
function continuous(bag: readonly Item[], share: Share, call: AggregateCall, type: SqlType): Value {
  const place = (countOf(bag) - 1) * share.value;
  const [low, high] = [valueAtPosition(bag, Math.floor(place)), valueAtPosition(bag, Math.ceil(place))];
  const part = place - Math.floor(place);
  const scale = call.argumentTypes[0]?.id === "decimal" && physicalOf(type) === "f64" ? 10 ** call.argumentTypes[0].scale : 1;
  if (physicalOf(type) === "f64") {
    const [a, b] = [Number(low) / scale, Number(high) / scale];
    return part === 0 || a === b ? a : a + (b - a) * part;
  }
  const unit = call.argumentTypes[0]?.id === "date" && type.id !== "date" ? day_us : 1n;
  const [a, b] = [BigInt(low as number | bigint) * unit, BigInt(high as number | bigint) * unit];
  const result = isTime(type) ? awayFromZero(Number(a) + Number(b - a) * part) : a + BigInt(Math.trunc(Number(b - a) * part));
  return physicalOf(type) === "i32" ? Number(result) : result;
}

const awayFromZero = (value: number): bigint => BigInt(Math.sign(value) * Math.round(Math.abs(value)));

const isContinuous = (type: SqlType): boolean => ["i32", "i64", "i128", "f64"].includes(physicalOf(type));

/** The quantiles are the call's constants; a last one that is `true` turns the order around. */
function quantiles(call: AggregateCall, kind: "discrete" | "continuous"): (bag: readonly Item[]) => Value {
  const shares = call.constants.filter((c) => c.type.id !== "boolean").map(shareOf);
  const descending = call.constants.some((c) => c.type.id === "boolean");
  const element = call.type.id === "list" && call.argumentTypes[0]?.id !== "list" ? call.type.element : call.type;
  const isList = element !== call.type;
  const one = (bag: readonly Item[], share: Share): Value =>
    kind === "continuous" && isContinuous(element) ? continuous(bag, share, call, element) : discrete(bag, share);
  return (all) => {
    const sorted = present(all);
    if (sorted.length === 0) return null;
    const bag = descending ? [...sorted].reverse() : sorted;
    const values = shares.map((share) => one(bag, share));
    return isList ? values : (values[0] ?? null);
  };
}

const quantile = (name: string, aliases: readonly string[], kind: "discrete" | "continuous", doc: string): CollectDefinition => ({
  name,
  aliases,
  doc,
  example: { sql: `SELECT ${name}(x, 0.3) FROM (VALUES (4), (1), (NULL), (9)) t(x)` },
  accepts: (types) => types.length === 1 && types[0] !== undefined && isOrdered(types[0]),
  ordered: false,
  finish: (call) => quantiles(call, kind),
});

export const quantileCollectors: readonly CollectDefinition[] = [
  {
    ...quantile("median", [], "continuous", "The middle value, between the two middle ones where their type can be halved."),
    example: { sql: "SELECT median(x) FROM (VALUES (4), (1), (NULL), (9), (2)) t(x)" },
  },
  quantile("quantile_cont", ["percentile_cont"], "continuous", "The value at a share of the sorted rows, between the two around it."),
  quantile("quantile_disc", ["quantile", "percentile_disc"], "discrete", "The value of the row at a share of the sorted rows."),
  {
    ...quantile("approx_quantile", [], "continuous", "As quantile_cont: exact here; whole numbers are cut."),
    example: { sql: "SELECT approx_quantile(x, 0.5) FROM (VALUES (4), (1), (NULL), (9)) t(x)" },
  },
];
