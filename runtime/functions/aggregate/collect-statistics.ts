import { double } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import { type CollectDefinition, countOf, type Finish, type Item, present } from "./collect-definition.ts";
import { parameterOf } from "./collect-lists.ts";
import { compareValues } from "./compare-values.ts";
import { isInteger } from "../../contract/type-classes.ts";

const any = (types: readonly unknown[]): boolean => types.length === 1;

/** The first of those that come most often. */
function mode(bag: readonly Item[]): Value {
  const best = counted(bag)[0];
  return best === undefined ? null : (best.values[0] ?? null);
}

/** Values with their counts, the most frequent first; in the order of the rows where they are as frequent. */
function counted(bag: readonly Item[]): readonly Item[] {
  const merged: { values: readonly Value[]; times: number }[] = [];
  const places = new Map<string, { values: readonly Value[]; times: number }>();
  for (const item of present(bag)) {
    const key = JSON.stringify(item.values[0], (_, v: unknown) => (typeof v === "bigint" ? `${v}n` : v));
    const known = places.get(key);
    if (known !== undefined) known.times += item.times;
    else {
      const entry = { values: item.values, times: item.times };
      places.set(key, entry);
      merged.push(entry);
    }
  }
  return merged.sort((a, b) => b.times - a.times);
}

const histogram: Finish = (bag) => {
  const values = present(bag);
  return values.length === 0 ? null : values.map((item): Value => [item.values[0] ?? null, BigInt(item.times)]);
};

const entropy: Finish = (bag) => {
  const values = present(bag);
  const total = countOf(values);
  if (values.length < 2) return 0;
  return values.reduce((sum, { times }) => sum - (times / total) * Math.log2(times / total), 0);
};

/** Sums of the powers of deviations from the mean. */
function deviations(bag: readonly Item[], power: number): number {
  const mean = meanOf(bag);
  return bag.reduce((sum, item) => sum + item.times * (Number(item.values[0]) - mean) ** power, 0);
}

const meanOf = (bag: readonly Item[]): number => bag.reduce((sum, item) => sum + item.times * Number(item.values[0]), 0) / countOf(bag);

const skewness: Finish = (all) => {
  const bag = present(all);
  const n = countOf(bag);
  if (n <= 2) return null;
  const m2 = deviations(bag, 2) / n;
  if (m2 === 0) return Number.NaN;
  return (Math.sqrt(n * (n - 1)) / (n - 2)) * (deviations(bag, 3) / n / m2 ** 1.5);
};

const kurtosis =
  (population: boolean): Finish =>
  (all) => {
    const bag = present(all);
    const n = countOf(bag);
    if (n <= (population ? 1 : 3)) return null;
    const m2 = deviations(bag, 2) / n;
    if (m2 === 0) return null;
    const m4 = deviations(bag, 4) / n;
    if (population) return m4 / m2 ** 2 - 3;
    return ((n - 1) * (((n + 1) * m4) / m2 ** 2 - 3 * (n - 1))) / ((n - 2) * (n - 3));
  };

const sem: Finish = (all) => {
  const bag = present(all);
  const n = countOf(bag);
  return n === 0 ? null : Math.sqrt(deviations(bag, 2) / n) / Math.sqrt(n);
};

const product: Finish = (all) => {
  const bag = present(all);
  return bag.length === 0 ? null : bag.reduce((value, item) => value * Number(item.values[0]) ** item.times, 1);
};

function middle(sorted: readonly Item[]): number {
  const n = countOf(sorted);
  const at = (position: number): number => {
    let end = 0;
    return Number(sorted.find((item) => (end += item.times) > position)?.values[0]);
  };
  const [low, high] = [at(Math.floor((n - 1) / 2)), at(Math.ceil((n - 1) / 2))];
  return low === high ? low : low + (high - low) / 2;
}

const mad: Finish = (all) => {
  const bag = present(all);
  if (bag.length === 0) return null;
  const median = middle(bag);
  const distances = bag.map((item): Item => ({ values: [Math.abs(Number(item.values[0]) - median)], times: item.times }));
  return middle(distances.sort((a, b) => compareValues(double, a.values[0] ?? null, b.values[0] ?? null)));
};

/** Of values that come an even number of times nothing is left. */
const bitXor: Finish = (all) => {
  const bag = present(all);
  if (bag.length === 0) return null;
  const odd = bag.filter((item) => item.times % 2 === 1).map((item) => BigInt(item.values[0] as number | bigint));
  const value = odd.reduce((bits, next) => bits ^ next, 0n);
  return typeof bag[0]?.values[0] === "number" ? Number(value) : value;
};

const numbers = "(VALUES (2), (4), (NULL), (9), (9), (1)) t(x)";

const overDoubles = (name: string, doc: string, finish: Finish): CollectDefinition => ({
  name,
  doc,
  example: { sql: `SELECT ${name}(x::DOUBLE) FROM ${numbers}` },
  accepts: (types) => types.length === 1 && types[0]?.id === "double",
  ordered: false,
  finish: () => finish,
});

const overAny = (name: string, aliases: readonly string[], doc: string, finish: Finish): CollectDefinition => ({
  name,
  aliases,
  doc,
  example: { sql: `SELECT ${name}(x) FROM ${numbers}` },
  accepts: any,
  ordered: false,
  finish: () => finish,
});

export const statisticCollectors: readonly CollectDefinition[] = [
  { ...overAny("mode", [], "The value that comes most often; the least of several such.", mode), ordered: true },
  overAny("histogram", [], "A map from each value to how often it comes.", histogram),
  overAny("entropy", [], "Entropy of the values' frequencies, in bits.", entropy),
  overDoubles("skewness", "Skewness, corrected for the sample; NULL below three values.", skewness),
  overDoubles("kurtosis", "Excess kurtosis, corrected for the sample; NULL below four values.", kurtosis(false)),
  overDoubles("kurtosis_pop", "Excess kurtosis of a population.", kurtosis(true)),
  overDoubles("sem", "Standard error of the mean.", sem),
  overDoubles("product", "Product of the values that are not NULL.", product),
  overDoubles("mad", "Median of the distances from the median.", mad),
  { ...overAny("bit_xor", [], "Bitwise exclusive or.", bitXor), accepts: (types) => types.length === 1 && types.every(isInteger) },
  {
    ...overAny("approx_top_k", [], "The k values that come most often: exact here.", () => null),
    example: { sql: "SELECT approx_top_k(x, 1) FROM (VALUES (2), (9), (NULL), (9)) t(x)" },
    parameter: "required",
    finish: (call) => (bag) => {
      const top = counted(bag).slice(0, parameterOf(call) ?? 0);
      return top.length === 0 ? null : top.map((item) => item.values[0] ?? null);
    },
  },
];
