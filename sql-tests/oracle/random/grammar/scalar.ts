import { columnExpr, ofKind, type Scope } from "./scope.ts";
import type { Expr, Kind } from "./query.ts";

export const scalarKinds: readonly Kind[] = ["int", "text", "double", "decimal", "bool", "date", "timestamp", "instant"];

const expr = (type: Kind, ...text: Expr["text"]): Expr => ({ type, text });
export const sql = expr;

/** A value of the kind, at most `depth` operators deep. */
export function scalar(scope: Scope, kind: Kind, depth: number): Expr {
  const { random } = scope;
  const columns = ofKind(scope.columns, kind);
  if (columns.length > 0 && (depth <= 0 || random.oneIn(2))) return columnExpr(random.of(columns));
  if (depth <= 0) return literal(scope, kind);
  const some = (of: Kind): Expr => scalar(scope, of, depth - 1);
  const general: (() => Expr)[] = [
    () => expr(kind, "CASE WHEN ", predicate(scope, depth - 1), " THEN ", some(kind), " ELSE ", some(kind), " END"),
    () => expr(kind, "coalesce(", some(kind), ", ", some(kind), ")"),
    () => expr(kind, "nullif(", some(kind), ", ", some(kind), ")"),
    () => literal(scope, kind),
  ];
  return random.of([...general, ...of[kind](scope, some), ...of[kind](scope, some)])();
}

type Productions = (scope: Scope, some: (kind: Kind) => Expr) => readonly (() => Expr)[];

const of: Readonly<Record<Kind, Productions>> = {
  int: ({ random }, some) => [
    () => expr("int", "(", some("int"), random.of([" + ", " - "]), small(random.between(0, 3)), ")"),
    () => expr("int", "(", some("int"), " % ", small(random.between(2, 4)), ")"),
    () => expr("int", "(", some("int"), " / ", small(random.between(0, 3)), ")"),
    () => expr("int", "length(", some("text"), ")"),
    () => expr("int", "abs(", some("int"), ")"),
    () => expr("int", "CAST(", some("bool"), " AS INTEGER)"),
    () => expr("int", "extract(", random.of(["minute", "second", "day"]), " FROM ", some("timestamp"), ")"),
    () => expr("int", "greatest(", some("int"), ", ", some("int"), ")"),
  ],
  text: ({ random }, some) => [
    () => expr("text", random.of(["upper(", "lower(", "trim("]), some("text"), ")"),
    () => expr("text", "(", some("text"), " || ", some("text"), ")"),
    () => expr("text", "substring(", some("text"), ", 1, ", small(random.between(0, 3)), ")"),
    () => expr("text", "CAST(", some(random.of(["int", "date", "bool"] as const)), " AS VARCHAR)"),
    () => expr("text", "replace(", some("text"), ", 'a', 'oo')"),
  ],
  double: ({ random }, some) => [
    () => expr("double", "(", some("double"), random.of([" + ", " - ", " * "]), some("double"), ")"),
    () => expr("double", "CAST(", some("int"), " AS DOUBLE)"),
    () => expr("double", "floor(", some("double"), ")"),
  ],
  decimal: ({ random }, some) => [
    () => expr("decimal", "CAST(", some("decimal"), random.of([" + ", " - "]), some("decimal"), " AS DECIMAL(18,2))"),
    () => expr("decimal", "round(", some("decimal"), ", 1)"),
  ],
  bool: (scope) => [() => predicate(scope, 1)],
  date: (_, some) => [() => expr("date", "CAST(", some("timestamp"), " AS DATE)"), () => expr("date", "(", some("date"), " + 1)")],
  timestamp: ({ random }, some) => [
    () => expr("timestamp", "(", some("timestamp"), " + INTERVAL '", String(random.between(-2, 9)), "' SECOND)"),
    () => expr("timestamp", `date_trunc('${random.of(["minute", "hour", "day"])}', `, some("timestamp"), ")"),
  ],
  instant: ({ random }, some) => [() => expr("instant", "(", some("instant"), " + INTERVAL '", String(random.between(-2, 9)), "' MINUTE)")],
  other: () => [],
};

const small = (n: number): string => String(n);

export function literal({ random }: Scope, kind: Kind): Expr {
  switch (kind) {
    case "int":
      return expr(kind, small(random.between(-1, 5)));
    case "text":
      return expr(kind, random.of(["''", "'a'", "'b'", "'ab'", "'it''s'"]));
    case "double":
      return expr(kind, `CAST('${random.of(["-1.5", "0", "0.5", "2"])}' AS DOUBLE)`);
    case "decimal":
      return expr(kind, `CAST('${random.of(["-2.5", "0", "0.01", "1"])}' AS DECIMAL(10,2))`);
    case "bool":
      return expr(kind, random.of(["true", "false"]));
    case "date":
      return expr(kind, `DATE '2023-12-${random.of(["08", "09", "10"])}'`);
    case "timestamp":
      return expr(kind, `TIMESTAMP '2023-11-14 22:13:${random.between(20, 45)}'`);
    case "instant":
      return expr(kind, `TIMESTAMPTZ '2023-10-29 0${random.below(3)}:30:00+00'`);
    case "other":
      return expr(kind, "NULL");
  }
}

const comparisons = ["=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"] as const;

/** Kinds among the scope's columns. */
export const kindsOf = (scope: Scope): readonly Kind[] => {
  const kinds = scalarKinds.filter((kind) => scope.columns.some(({ type }) => type === kind));
  return kinds.length === 0 ? ["int"] : kinds;
};

/** A condition: true, false or NULL. */
export function predicate(scope: Scope, depth: number): Expr {
  const { random } = scope;
  const kind = random.of(
    kindsOf(scope)
      .filter((k) => k !== "bool")
      .concat("int"),
  );
  const some = (of: Kind): Expr => scalar(scope, of, depth - 1);
  const compare = (): Expr =>
    expr("bool", "(", some(kind), ` ${random.of(comparisons)} `, random.oneIn(2) ? literal(scope, kind) : some(kind), ")");
  const leaf: (() => Expr)[] = [
    compare,
    compare,
    () => expr("bool", "(", some(kind), random.of([" IS NULL", " IS NOT NULL"]), ")"),
    () => expr("bool", "(", some(kind), random.of([" IN (", " NOT IN ("]), literal(scope, kind), ", ", literal(scope, kind), "))"),
    () => expr("bool", "(", some(kind), " BETWEEN ", literal(scope, kind), " AND ", literal(scope, kind), ")"),
    () => expr("bool", "(", some("text"), random.of([" LIKE 'a%'", " LIKE '%b'", " ILIKE '%Z%'", " NOT LIKE '_'"]), ")"),
  ];
  if (depth <= 0) return compare();
  return random.of([
    ...leaf,
    ...leaf,
    () => expr("bool", "(", predicate(scope, depth - 1), random.of([" AND ", " OR "]), predicate(scope, depth - 1), ")"),
    () => expr("bool", "(NOT ", predicate(scope, depth - 1), ")"),
  ])();
}
