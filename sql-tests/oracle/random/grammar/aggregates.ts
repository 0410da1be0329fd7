import type { Expr, Kind } from "./query.ts";
import { literal, predicate, scalar, sql } from "./scalar.ts";
import type { Builder, Scope } from "./scope.ts";

type Call = (scope: Scope, b: Builder, argument: (kind: Kind) => Expr) => Expr;

const call =
  (name: string, kind: Kind, result: Kind = kind): Call =>
  (_, b, argument) => {
    b.uses(`agg ${name}`);
    return sql(result, `${name}(`, argument(kind), ")");
  };

/** Aggregates whose answer does not depend on the order of the rows; the plain ones more often than the others. */
const plain: readonly Call[] = [
  (_, b) => {
    b.uses("agg count(*)");
    return sql("int", "count(*)");
  },
  (scope, b, argument) => call("count", scope.random.of(["int", "text", "bool"]), "int")(scope, b, argument),
  call("sum", "int"),
  call("min", "int"),
  call("max", "int"),
];

const typed: readonly Call[] = [
  call("sum", "double"),
  call("sum", "decimal"),
  call("avg", "int", "double"),
  call("avg", "double"),
  call("min", "text"),
  call("max", "text"),
  call("min", "timestamp"),
  call("max", "date"),
  call("max", "double"),
  call("min", "decimal"),
  call("bool_and", "bool"),
  call("bool_or", "bool"),
];

const rare: readonly Call[] = [
  spread("var_pop"),
  spread("stddev_samp"),
  call("bit_xor", "int"),
  call("bit_or", "int"),
  call("median", "int", "double"),
  ordered("string_agg", "text", ", ','"),
  ordered("list", "int", "", "other"),
  ordered("array_agg", "text", "", "other"),
  ordered("first", "int", ""),
  ordered("last", "text", ""),
  (_, b, argument) => {
    b.uses("agg quantile_disc");
    return sql("int", "quantile_disc(", argument("int"), ", 0.25)");
  },
  (_, b, argument) => {
    b.uses("agg quantile_cont");
    return sql("double", "quantile_cont(", argument("double"), ", 0.75)");
  },
  call("histogram", "text", "other"),
  call("entropy", "int", "double"),
  call("mad", "double"),
  ...(["regr_sxx", "covar_samp", "covar_pop", "regr_sxy"] as const).map(paired),
  ...(["regr_count", "regr_avgy"] as const).map(regression),
  (_, b, argument) => {
    b.uses("agg mode ordered");
    const value = argument("text");
    return sql("text", "mode(", value, " ORDER BY ", value, ")");
  },
  (scope, b, argument) => {
    const name = scope.random.of(["min", "max"]);
    b.uses(`agg ${name} n`);
    return sql("other", `${name}(`, argument("int"), ", 2)");
  },
  (scope, b, argument) => extreme(scope, b, argument),
];

/**
 * Sums of squares are rounded by what the squares are, however small the result: so it is asked for in relation to the greatest of
 * them, where the rounding is that of a number of about 1. It is shown only: what compares it would depend on its last digits.
 */
function spread(name: "var_pop" | "stddev_samp"): Call {
  return (scope, b, argument) => {
    b.uses(`agg ${name}`);
    const kind = scope.random.of(["int", "double"] as const);
    const x = argument(kind);
    const square = name === "var_pop" ? sql("double", "var_pop(", x, ")") : sql("double", "pow(stddev_samp(", x, "), 2)");
    return relative(square, magnitude(x), magnitude(x));
  };
}

const magnitude = (x: Expr): Expr => sql("double", "max(abs(CAST(", x, " AS DOUBLE)))");

const relative = (square: Expr, x: Expr, y: Expr): Expr => sql("other", square, " / nullif(", x, " * ", y, ", 0)");

/** Of degree two in its arguments: as with `spread`. */
function paired(name: "regr_sxx" | "covar_samp" | "covar_pop" | "regr_sxy"): Call {
  return (scope, b, argument) => {
    b.uses(`agg ${name}`);
    const [y, x] = [argument("double"), argument(scope.random.of(["double", "int"] as const))];
    const square = sql("double", `${name}(`, y, ", CAST(", x, " AS DOUBLE))");
    return relative(square, magnitude(x), name === "regr_sxx" ? magnitude(x) : magnitude(y));
  };
}

/** Counts and means of pairs. */
function regression(name: "regr_count" | "regr_avgy"): Call {
  return (_, b, argument) => {
    b.uses(`agg ${name}`);
    return sql(name === "regr_count" ? "other" : "double", `${name}(`, argument("double"), ", ", argument("double"), ")");
  };
}

/** Ordered by its own argument: rows that tie are alike. */
function ordered(name: string, kind: Kind, constants: string, result: Kind = kind): Call {
  return ({ random }, b, argument) => {
    b.uses(`agg ${name} ordered`);
    const value = argument(kind);
    return sql(result, `${name}(`, value, `${constants} ORDER BY `, value, random.of([" ASC", " DESC", " DESC NULLS LAST"]), ")");
  };
}

/** arg_min by a column that no two rows share. */
function extreme(scope: Scope, b: Builder, argument: (kind: Kind) => Expr): Expr {
  const unique = scope.columns.find((column) => column.unique);
  if (unique === undefined) return call("max", "int")(scope, b, argument);
  const name = scope.random.of(["arg_min", "arg_max"]);
  b.uses(`agg ${name}`);
  const kind = scope.random.of(["int", "text"] as const);
  return sql(kind, `${name}(`, argument(kind), `, ${unique.sql})`);
}

/** One aggregate call, now and then with DISTINCT or FILTER. */
export function aggregate(scope: Scope, b: Builder): Expr {
  const { random } = scope;
  const argument = (kind: Kind): Expr => scalar(scope, kind, random.oneIn(3) ? 1 : 0);
  if (random.oneIn(8)) return distinct(scope, b, argument);
  if (random.oneIn(12) && scope.columns.some((column) => column.unique)) return extreme(scope, b, argument);
  const made = random.of(
    random.weighted([
      [5, plain],
      [4, typed],
      [2, rare],
    ] as const),
  )(scope, b, argument);
  const [head] = made.text;
  if (typeof head !== "string" || !random.oneIn(6)) return made;
  b.uses("agg FILTER");
  return { type: made.type, text: [...made.text, " FILTER (WHERE ", predicate(scope, 1), ")"] };
}

function distinct(scope: Scope, b: Builder, argument: (kind: Kind) => Expr): Expr {
  b.uses("agg DISTINCT");
  const kind = scope.random.of(["int", "text"] as const);
  const name = kind === "text" ? "count" : scope.random.of(["count", "sum", "avg", "min"]);
  return sql(name === "avg" ? "double" : "int", `${name}(DISTINCT `, argument(kind), ")");
}

/** A condition over groups. */
export function having(scope: Scope, b: Builder): Expr {
  b.uses("HAVING");
  const { random } = scope;
  if (random.oneIn(2)) return sql("bool", "(count(*) ", random.of([">", "<", "="]), ` ${random.between(1, 3)})`);
  return sql(
    "bool",
    "(",
    random.of(["sum(", "max(", "min("]),
    scalar(scope, "int", 0),
    random.of([") > ", ") <= "]),
    literal(scope, "int"),
    ")",
  );
}
