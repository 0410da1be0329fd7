/*
 * Random queries as trees, so that a failing one can be made smaller. They hold no functions: a case is JSON.
 */

/** What an expression may be used for; INTEGER, BIGINT and HUGEINT are one. */
export type Kind = "int" | "text" | "double" | "decimal" | "bool" | "date" | "timestamp" | "other";

/** Its text with operands in between. */
export interface Expr {
  readonly type: Kind;
  readonly text: readonly (string | Expr | SubQuery)[];
}

export interface SubQuery {
  readonly query: Query;
}

export interface Item {
  readonly expr: Expr;
  readonly name: string;
}

export interface OrderKey {
  readonly expr: Expr;
  readonly direction: "ASC" | "DESC" | "ASC NULLS FIRST" | "DESC NULLS LAST";
}

export interface Select {
  readonly kind: "select";
  readonly distinct: boolean | readonly Expr[];
  readonly items: readonly Item[];
  readonly from: From;
  readonly where: Expr | null;
  readonly groupBy: GroupBy | null;
  readonly having: Expr | null;
  readonly qualify: Expr | null;
  readonly orderBy: readonly OrderKey[];
  readonly limit: number | null;
  readonly offset: number;
}

export interface GroupBy {
  readonly keys: readonly Expr[];
  readonly form: "plain" | "rollup" | "cube" | "sets";
}

export interface SetOperation {
  readonly kind: "set";
  readonly operator: "UNION" | "UNION ALL" | "INTERSECT" | "INTERSECT ALL" | "EXCEPT" | "EXCEPT ALL";
  readonly left: Query;
  readonly right: Query;
}

export interface With {
  readonly kind: "with";
  readonly tables: readonly { readonly name: string; readonly query: Query }[];
  readonly body: Query;
}

export type Query = Select | SetOperation | With;

export type From =
  | { readonly kind: "table"; readonly name: string; readonly alias: string }
  | { readonly kind: "query"; readonly query: Query; readonly alias: string; readonly lateral: boolean }
  | { readonly kind: "join"; readonly join: string; readonly left: From; readonly right: From; readonly on: Expr | null }
  /** A window call or another table function. */
  | { readonly kind: "call"; readonly text: readonly (string | Expr)[]; readonly alias: string };

export function renderExpr({ text }: Expr): string {
  return text.map((part) => (typeof part === "string" ? part : "query" in part ? renderQuery(part.query) : renderExpr(part))).join("");
}

export function renderQuery(query: Query): string {
  switch (query.kind) {
    case "select":
      return renderSelect(query);
    case "set":
      return `(${renderQuery(query.left)}) ${query.operator} (${renderQuery(query.right)})`;
    case "with":
      return `WITH ${query.tables.map(({ name, query: body }) => `${name} AS (${renderQuery(body)})`).join(", ")} ${renderQuery(query.body)}`;
  }
}

function renderSelect(s: Select): string {
  const distinct =
    s.distinct === false ? "" : s.distinct === true ? "DISTINCT " : `DISTINCT ON (${s.distinct.map(renderExpr).join(", ")}) `;
  const clause = (word: string, expr: Expr | null): string => (expr === null ? "" : ` ${word} ${renderExpr(expr)}`);
  return [
    `SELECT ${distinct}${s.items.map(({ expr, name }) => `${renderExpr(expr)} AS ${name}`).join(", ")}`,
    ` FROM ${renderFrom(s.from)}`,
    clause("WHERE", s.where),
    s.groupBy === null ? "" : ` GROUP BY ${renderGroupBy(s.groupBy)}`,
    clause("HAVING", s.having),
    clause("QUALIFY", s.qualify),
    s.orderBy.length === 0 ? "" : ` ORDER BY ${s.orderBy.map((key) => `${renderExpr(key.expr)} ${key.direction}`).join(", ")}`,
    s.limit === null ? "" : ` LIMIT ${s.limit}`,
    s.offset === 0 ? "" : ` OFFSET ${s.offset}`,
  ].join("");
}

function renderGroupBy({ keys, form }: GroupBy): string {
  const list = keys.map(renderExpr);
  switch (form) {
    case "plain":
      return list.join(", ");
    case "rollup":
      return `ROLLUP (${list.join(", ")})`;
    case "cube":
      return `CUBE (${list.join(", ")})`;
    case "sets":
      return `GROUPING SETS ((${list.join(", ")}), (${list[0]}), ())`;
  }
}

function renderFrom(from: From): string {
  switch (from.kind) {
    case "table":
      return `${from.name} AS ${from.alias}`;
    case "query":
      return `${from.lateral ? "LATERAL " : ""}(${renderQuery(from.query)}) AS ${from.alias}`;
    case "join":
      return `${renderFrom(from.left)} ${from.join} ${renderFrom(from.right)}${from.on === null ? "" : ` ON ${renderExpr(from.on)}`}`;
    case "call":
      return `${from.text.map((part) => (typeof part === "string" ? part : renderExpr(part))).join("")} AS ${from.alias}`;
  }
}
