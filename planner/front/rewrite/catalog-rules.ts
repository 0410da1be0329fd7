import { catalogSchema, informationPrefix, informationTables, pgCatalogTables } from "../catalog-names.ts";
import type { Draft, Rule } from "./draft.ts";

const pgTables: ReadonlySet<string> = new Set(pgCatalogTables);
const information: ReadonlySet<string> = new Set(informationTables);

const isQualified = (draft: Draft, i: number): boolean => draft.mark(i - 1) === ".";

/** `pg_catalog.pg_class` and `information_schema.tables` are tables of the store; in front of anything else the schema is dropped. */
const schemas: Rule = (draft, i) => {
  const schema = draft.word(i);
  if (draft.mark(i + 1) !== "." || isQualified(draft, i)) return;
  const name = draft.word(i + 2);
  if (schema === "pg_catalog") {
    if (pgTables.has(name)) draft.set(i, catalogSchema);
    else draft.drop(i, i + 1);
  } else if (schema === "information_schema") {
    if (information.has(name)) {
      draft.set(i, catalogSchema);
      draft.set(i + 2, `${informationPrefix}${name}`);
    } else if (name.startsWith("_pg_")) draft.drop(i, i + 1);
  }
};

/** `FROM pg_class`; a column or an alias of that name stays. */
const bareTables: Rule = (draft, i) => {
  if (!pgTables.has(draft.word(i)) || isQualified(draft, i) || draft.mark(i + 1) === "." || draft.mark(i + 1) === "(") return;
  const before = draft.word(i - 1);
  if (before === "from" || before === "join" || (draft.mark(i - 1) === "," && draft.word(i + 1) !== "")) {
    draft.set(i, `${catalogSchema}.${draft.word(i)}`);
  }
};

/** `x OPERATOR(pg_catalog.~) y`, as psql writes its patterns. */
const operators: Rule = (draft, i) => {
  if (draft.word(i) !== "operator" || draft.mark(i + 1) !== "(" || draft.word(i + 2) !== "pg_catalog") return;
  const name = draft.operator(i + 4);
  if (name === "" || draft.mark(i + 5) !== ")") return;
  draft.drop(i, i + 5);
  draft.set(i, spelt[name] ?? name);
};

const spelt: Readonly<Record<string, string>> = { "~": "@~", "!~": "!@~" };

/** `COLLATE pg_catalog.default`, `COLLATE "C"`: texts are compared by their code points anyway. */
const collations: Rule = (draft, i) => {
  if (draft.word(i) !== "collate") return;
  if (draft.word(i + 1) === "pg_catalog" && draft.mark(i + 2) === ".") draft.drop(i, i + 3);
  else if (draft.word(i + 1) === "default" || ["default", "C"].includes(draft.token(i + 1)?.value ?? "")) draft.drop(i, i + 1);
};

/** Types of object ids: what is made of a name, and what of a number. */
const idTypes: Readonly<Record<string, { readonly ofName: string; readonly ofNumber: string | null }>> = {
  regclass: { ofName: "mr_regclass", ofNumber: "mr_regclass_name" },
  regtype: { ofName: "to_regtype", ofNumber: "mr_regtype_name" },
  regproc: { ofName: "mr_regproc", ofNumber: null },
  regprocedure: { ofName: "mr_regproc", ofNumber: null },
  regnamespace: { ofName: "mr_regnamespace", ofNumber: null },
  regrole: { ofName: "mr_regrole", ofNumber: null },
};

/** `x::regclass`, `'t'::pg_catalog.regclass`, `x::oid`, `x::"char"`. */
const casts: Rule = (draft, i) => {
  if (draft.operator(i) !== "::") return;
  const isPrefixed = draft.word(i + 1) === "pg_catalog" && draft.mark(i + 2) === ".";
  const at = isPrefixed ? i + 3 : i + 1;
  const type = draft.token(at)?.value ?? "";
  if (Object.hasOwn(idTypes, type)) return castToId(draft, i, at, type);
  if (type === "oid") draft.set(at, "bigint");
  else if (type === "char" && draft.token(at)?.kind === "quoted") draft.set(at, "varchar");
  else if (type === "name") draft.set(at, "varchar");
};

function castToId(draft: Draft, i: number, at: number, type: string): void {
  const { ofName, ofNumber } = idTypes[type] as (typeof idTypes)[string];
  const from = operandStart(draft, i - 1);
  const call = draft.isString(i - 1) || draft.token(i - 1)?.kind === "parameter" ? ofName : ofNumber;
  if (from === null || call === null) {
    draft.set(at, "bigint");
    return;
  }
  draft.drop(i, at);
  draft.set(from, `${call}(${draft.text(from)}`);
  draft.append(i - 1, ")");
}

/** Where a literal, a parameter or a dotted name that ends at `end` begins; null for anything longer. */
function operandStart(draft: Draft, end: number): number | null {
  const kind = draft.token(end)?.kind;
  if (kind === "string" || kind === "parameter") return end;
  if (kind !== "word" && kind !== "quoted") return null;
  let from = end;
  while (draft.mark(from - 1) === "." && draft.token(from - 2) !== undefined) from -= 2;
  return from;
}

/** `FROM generate_series(…) s`: in Postgres `s` is the column, too. */
const series: Rule = (draft, i) => {
  if (draft.word(i) !== "generate_series" || draft.mark(i + 1) !== "(") return;
  const first = draft.mark(i - 1) === "." && draft.word(i - 2) === "pg_catalog" ? i - 2 : i;
  if (draft.word(first - 1) !== "from" && draft.word(first - 1) !== "join" && draft.mark(first - 1) !== ",") return;
  const end = draft.close(i + 1);
  const alias = draft.word(end + 1) === "as" ? end + 2 : end + 1;
  const name = draft.token(alias);
  if ((name?.kind !== "word" && name?.kind !== "quoted") || draft.mark(alias + 1) === "(") return;
  if (alias === end + 1 && notAlias.has(name.value)) return;
  draft.append(alias, `(${name.raw})`);
};

const notAlias: ReadonlySet<string> = new Set(
  "where group order having limit offset union except intersect window qualify on join left right inner full cross natural using fetch for emit with and or asof positional anti semi".split(
    " ",
  ),
);

/** Foreign tables have no options of their own here. */
const options: Rule = (draft, i) => {
  if (draft.word(i) !== "pg_options_to_table" || draft.mark(i + 1) !== "(") return;
  draft.drop(i + 1, draft.close(i + 1));
  draft.set(i, "(SELECT NULL::VARCHAR AS option_name, NULL::VARCHAR AS option_value WHERE false)");
};

/** Names of Postgres' catalog, before anything else reads them. */
export const catalogRules: readonly Rule[] = [operators, collations, casts, schemas, bareTables, series, options];
