import { SqlError } from "../../contract/errors.ts";
import type { AggregateDefinition } from "./definition.ts";
import { type Dyadic, minus, quotient, times, toNumber, zero } from "./dyadic.ts";
import { deviation, type FinishMoments, type Moments, overMoments } from "./moments.ts";

/** The first argument is y, as in SQL's regr_ functions: the sums are named so. */
const powers = [
  { name: "y", x: 1, y: 0 },
  { name: "x", x: 0, y: 1 },
  { name: "xy", x: 1, y: 1 },
  { name: "yy", x: 2, y: 0 },
  { name: "xx", x: 0, y: 2 },
] as const;

/** Sums over n pairs, and the numerators (n times n) of their covariance and variances. */
interface Pairs {
  readonly n: bigint;
  readonly y: Dyadic;
  readonly x: Dyadic;
  readonly xy: Dyadic;
  readonly xx: Dyadic;
  readonly covariance: Dyadic;
  readonly varianceX: Dyadic;
  readonly varianceY: Dyadic;
}

const whole = (n: bigint): Dyadic => ({ mantissa: n, exponent: 0 });
const isZero = (a: Dyadic): boolean => a.mantissa === 0n;

function pairsOf({ count: n, sums }: Moments): Pairs {
  const [y = zero, x = zero, xy = zero, yy = zero, xx = zero] = sums;
  return { n, y, x, xy, xx, covariance: deviation(n, xy, x, y), varianceX: deviation(n, xx, x, x), varianceY: deviation(n, yy, y, y) };
}

function requireFinite({ nan, positive, negative }: Moments, name: string): void {
  if (nan > 0n || positive > 0n || negative > 0n) throw new SqlError({ sqlState: "22003", message: `${name} is out of range` });
}

/** NULL without rows. */
const overPairs =
  (result: (pairs: Pairs) => number | null): FinishMoments =>
  (moments, name) => {
    if (moments.count <= 0n) return null;
    requireFinite(moments, name);
    return result(pairsOf(moments));
  };

const orNaN = (a: Dyadic, b: Dyadic): number => (isZero(b) ? Number.NaN : quotient(a, b));

const correlation = ({ covariance, varianceX, varianceY }: Pairs): number =>
  isZero(varianceX) || isZero(varianceY)
    ? Number.NaN
    : Math.sign(toNumber(covariance)) * Math.sqrt(quotient(times(covariance, covariance), times(varianceX, varianceY)));

const determination = ({ covariance, varianceX, varianceY }: Pairs): number | null => {
  if (isZero(varianceX)) return null;
  return isZero(varianceY) ? 1 : quotient(times(covariance, covariance), times(varianceX, varianceY));
};

const pair = (name: string, doc: string, finish: FinishMoments): AggregateDefinition =>
  overMoments({
    name,
    doc,
    example: `SELECT ${name}(y::DOUBLE, x::DOUBLE) FROM (VALUES (3, 1), (7, 3), (NULL, 9), (5, 2)) t(y, x)`,
    arguments: 2,
    powers,
    finish,
  });

/** Over pairs of doubles (y, x) of which neither is NULL. */
export const regressions: readonly AggregateDefinition[] = [
  pair(
    "covar_pop",
    "Population covariance.",
    overPairs(({ n, covariance }) => quotient(covariance, whole(n * n))),
  ),
  pair(
    "covar_samp",
    "Sample covariance; NULL below two pairs.",
    overPairs(({ n, covariance }) => (n < 2n ? null : quotient(covariance, whole(n * (n - 1n))))),
  ),
  pair("corr", "Coefficient of correlation; NaN where one side does not vary.", overPairs(correlation)),
  pair(
    "regr_slope",
    "Slope of the regression line.",
    overPairs(({ covariance, varianceX }) => orNaN(covariance, varianceX)),
  ),
  pair(
    "regr_intercept",
    "Where the regression line meets x = 0.",
    overPairs(({ y, x, xy, xx, varianceX }) => (isZero(varianceX) ? null : quotient(minus(times(y, xx), times(x, xy)), varianceX))),
  ),
  pair("regr_r2", "Square of the coefficient of correlation.", overPairs(determination)),
  pair("regr_count", "Number of pairs.", ({ count }) => count),
  pair(
    "regr_avgx",
    "Average of the second argument.",
    overPairs(({ n, x }) => quotient(x, whole(n))),
  ),
  pair(
    "regr_avgy",
    "Average of the first argument.",
    overPairs(({ n, y }) => quotient(y, whole(n))),
  ),
  pair(
    "regr_sxx",
    "Sum of squared deviations of the second argument.",
    overPairs(({ n, varianceX }) => quotient(varianceX, whole(n))),
  ),
  pair(
    "regr_syy",
    "Sum of squared deviations of the first argument.",
    overPairs(({ n, varianceY }) => quotient(varianceY, whole(n))),
  ),
  pair(
    "regr_sxy",
    "Sum of products of the deviations.",
    overPairs(({ n, covariance }) => quotient(covariance, whole(n))),
  ),
];

const single = (name: string, finish: FinishMoments): AggregateDefinition =>
  overMoments({
    name: `exact_${name}`,
    doc: `${name} over rows that may be taken back.`,
    example: `SELECT ${name}(x) FROM (VALUES (0.5::DOUBLE), (2)) t(x)`,
    arguments: 1,
    powers: [
      { name: "x", x: 1, y: 0 },
      { name: "xx", x: 2, y: 0 },
    ],
    finish,
  });

/** What is not finite decides alone, as when the values were added one by one. */
const sumFinish =
  (average: boolean): FinishMoments =>
  ({ count, nan, positive, negative, sums: [x = zero] }) => {
    if (count <= 0n) return null;
    if (nan > 0n || (positive > 0n && negative > 0n)) return Number.NaN;
    if (positive > 0n) return Infinity;
    if (negative > 0n) return -Infinity;
    return quotient(x, whole(average ? count : 1n));
  };

const varianceFinish =
  (sample: boolean, root: boolean): FinishMoments =>
  (moments, name) => {
    const { count: n, sums } = moments;
    if (n < (sample ? 2n : 1n)) return null;
    requireFinite(moments, name.replace("exact_", ""));
    const [x = zero, xx = zero] = sums;
    const variance = quotient(deviation(n, xx, x, x), whole(n * (sample ? n - 1n : n)));
    return root ? Math.sqrt(variance) : variance;
  };

/** Forms of other aggregates over doubles for inputs whose rows may be taken back; `exact_` and the aggregate's name. */
export const exactForms: readonly AggregateDefinition[] = [
  single("sum", sumFinish(false)),
  single("avg", sumFinish(true)),
  single("var_samp", varianceFinish(true, false)),
  single("var_pop", varianceFinish(false, false)),
  single("stddev_samp", varianceFinish(true, true)),
  single("stddev_pop", varianceFinish(false, true)),
];
