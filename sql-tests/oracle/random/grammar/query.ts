/*
 * Random queries as trees, so that a failing one can be made smaller. They hold no functions: a case is JSON.
 */

/** What an expression may be used for; INTEGER, BIGINT and HUGEINT are one. `other` is shown and nothing else. */
export type Kind = "int" | "text" | "double" | "decimal" | "bool" | "date" | "timestamp" | "instant" | "other";

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
  /** The WINDOW clause. */
  readonly windows?: string;
  readonly qualify: Expr | null;
  readonly orderBy: readonly OrderKey[];
  readonly limit: number | null;
  readonly offset: number;
}

export interface GroupBy {
  readonly keys: readonly Expr[];
  readonly form: "plain" | "rollup" | "cube" | "sets";
  /** Columns of every set: those of a window. */
  readonly always?: readonly string[];
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
  | VersionJoin
  /** A window call, another table function or VALUES. */
  | { readonly kind: "call"; readonly text: readonly (string | Expr)[]; readonly alias: string };

/** `left JOIN name FOR SYSTEM_TIME AS OF … ON …`: with the version at a time of the left row, or with what is there when it comes. */
export interface VersionJoin {
  readonly kind: "version";
  readonly join: "JOIN" | "LEFT JOIN";
  readonly left: From;
  readonly name: string;
  readonly alias: string;
  /** Columns: the left row's time and the versions'; null: PROCTIME(). */
  readonly times: { readonly left: string; readonly version: string } | null;
  readonly on: Expr;
}

/** As a job asks it, or in the words of a batch where those differ. */
export type Form = "stream" | "batch";

export function renderExpr({ text }: Expr, form: Form = "stream"): string {
  return text
    .map((part) => (typeof part === "string" ? part : "query" in part ? renderQuery(part.query, form) : renderExpr(part, form)))
    .join("");
}

export function renderQuery(query: Query, form: Form = "stream"): string {
  switch (query.kind) {
    case "select":
      return renderSelect(query, form);
    case "set":
      return `(${renderQuery(query.left, form)}) ${query.operator} (${renderQuery(query.right, form)})`;
    case "with": {
      const tables = query.tables.map(({ name, query: body }) => `${name} AS (${renderQuery(body, form)})`);
      return `WITH ${tables.join(", ")} ${renderQuery(query.body, form)}`;
    }
  }
}

function renderSelect(s: Select, form: Form): string {
  const render = (expr: Expr): string => renderExpr(expr, form);
  const distinct = s.distinct === false ? "" : s.distinct === true ? "DISTINCT " : `DISTINCT ON (${s.distinct.map(render).join(", ")}) `;
  const clause = (word: string, expr: Expr | null): string => (expr === null ? "" : ` ${word} ${render(expr)}`);
  return [
    `SELECT ${distinct}${s.items.map(({ expr, name }) => `${render(expr)} AS ${name}`).join(", ")}`,
    ` FROM ${renderFrom(s.from, form)}`,
    clause("WHERE", s.where),
    s.groupBy === null ? "" : ` GROUP BY ${renderGroupBy(s.groupBy, form)}`,
    clause("HAVING", s.having),
    s.windows === undefined ? "" : ` WINDOW ${s.windows}`,
    clause("QUALIFY", s.qualify),
    s.orderBy.length === 0 ? "" : ` ORDER BY ${s.orderBy.map((key) => `${render(key.expr)} ${key.direction}`).join(", ")}`,
    s.limit === null ? "" : ` LIMIT ${s.limit}`,
    s.offset === 0 ? "" : ` OFFSET ${s.offset}`,
  ].join("");
}

function renderGroupBy({ keys, form: shape, always = [] }: GroupBy, form: Form): string {
  const list = keys.map((key) => renderExpr(key, form));
  const sets = (...some: readonly (readonly string[])[]): string => some.map((set) => `(${[...set, ...always].join(", ")})`).join(", ");
  switch (shape) {
    case "plain":
      return [...list, ...always].join(", ");
    case "rollup":
      return [...always, `ROLLUP (${list.join(", ")})`].join(", ");
    case "cube":
      return [...always, `CUBE (${list.join(", ")})`].join(", ");
    case "sets":
      return `GROUPING SETS (${sets(list, list.slice(0, 1), [])})`;
  }
}

function renderFrom(from: From, form: Form): string {
  switch (from.kind) {
    case "table":
      return `${from.name} AS ${from.alias}`;
    case "query":
      return `${from.lateral ? "LATERAL " : ""}(${renderQuery(from.query, form)}) AS ${from.alias}`;
    case "join": {
      const on = from.on === null ? "" : ` ON ${renderExpr(from.on, form)}`;
      return `${renderFrom(from.left, form)} ${from.join} ${renderFrom(from.right, form)}${on}`;
    }
    case "version":
      return renderVersion(from, form);
    case "call":
      return `${from.text.map((part) => (typeof part === "string" ? part : renderExpr(part, form))).join("")} AS ${from.alias}`;
  }
}

function renderVersion({ join, left, name, alias, times, on }: VersionJoin, form: Form): string {
  const [from, condition] = [renderFrom(left, form), renderExpr(on, form)];
  if (form === "stream") return `${from} ${join} ${name} FOR SYSTEM_TIME AS OF ${times?.left ?? "PROCTIME()"} AS ${alias} ON ${condition}`;
  if (times === null) return `${from} ${join} ${name} AS ${alias} ON ${condition}`;
  return `${from} ASOF ${join} ${name} AS ${alias} ON ${condition} AND ${times.left} >= ${times.version}`;
}
