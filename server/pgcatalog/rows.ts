import { keyName } from "../../planner/adhoc/key-names.ts";
import type { CatalogColumn, CatalogObject, CatalogView, FunctionObject } from "../../planner/catalog.ts";
import type { ResultTable } from "../../runtime/contract/control.ts";
import { type Field, formatType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { oidOf, sizeOfOid, typmodOf } from "../pgwire/types.ts";
import { catalogNamespace, informationNamespace, millraceNamespace, type ObjectIds, owner, publicNamespace } from "./object-ids.ts";
import type { PgTable } from "./tables.ts";
import { typeRows } from "./type-rows.ts";

/** A row by its columns; those left out are NULL. */
export type Row = Readonly<Record<string, Value>>;
type Rows = Partial<Record<PgTable, readonly Row[]>>;

/** A relation as Postgres sees it. */
interface Relation {
  readonly name: string;
  readonly kind: "r" | "v" | "m" | "f";
  readonly columns: readonly (Field & Partial<CatalogColumn>)[];
  readonly keys: readonly { readonly columns: readonly string[]; readonly primary: boolean }[];
  readonly definition: string | null;
  readonly connector: string | null;
}

/** What the catalog's tables hold, by table. */
export function catalogRows(catalog: CatalogView, ids: ObjectIds): Rows {
  const relations = [...catalog.all().flatMap(relationOf), ...catalog.sideTables().map(sideTable)];
  const indexes = relations.flatMap((relation) => relation.keys.map((key) => ({ relation, ...key })));
  const servers = [...new Set(relations.flatMap(({ connector }) => connector ?? []))];
  return {
    ...fixedRows,
    pg_class: [...relations.map((relation) => classRow(relation, ids)), ...indexes.map((index) => indexClassRow(index, ids))],
    pg_attribute: [
      ...relations.flatMap(({ name, columns }) => attributeRows(columns, ids.of("relation", name))),
      ...indexes.flatMap((index) => attributeRows(columnsOf(index), ids.of("index", nameOf(index)))),
    ],
    pg_attrdef: relations.flatMap((relation) => defaultRows(relation, ids)),
    pg_index: indexes.map((index) => indexRow(index, ids)),
    pg_constraint: indexes.map((index) => constraintRow(index, ids)),
    pg_proc: catalog.functions().map((f) => functionRow(f, ids)),
    pg_foreign_data_wrapper: servers.map((name) => ({ oid: ids.of("wrapper", name), fdwname: name, fdwowner: owner })),
    pg_foreign_server: servers.map((name) => ({
      oid: ids.of("server", name),
      srvname: name,
      srvowner: owner,
      srvfdw: ids.of("wrapper", name),
    })),
    pg_foreign_table: relations.flatMap(({ name, connector }) =>
      connector === null ? [] : [{ ftrelid: ids.of("relation", name), ftserver: ids.of("server", connector) }],
    ),
  };
}

const fixedRows: Rows = {
  pg_namespace: [
    { oid: catalogNamespace, nspname: "pg_catalog", nspowner: owner },
    { oid: publicNamespace, nspname: "public", nspowner: owner },
    { oid: informationNamespace, nspname: "information_schema", nspowner: owner },
    { oid: millraceNamespace, nspname: "millrace", nspowner: owner },
  ],
  pg_type: typeRows,
  pg_am: [
    { oid: 2, amname: "heap", amtype: "t" },
    { oid: 403, amname: "btree", amtype: "i" },
  ],
  pg_collation: [{ oid: 100, collname: "default", collnamespace: catalogNamespace, collprovider: "d" }],
  pg_language: [
    { oid: 14, lanname: "sql", lanowner: owner, lanispl: false, lanpltrusted: true },
    { oid: 15, lanname: "javascript", lanowner: owner, lanispl: true, lanpltrusted: true },
  ],
  pg_tablespace: [{ oid: 1663, spcname: "pg_default", spcowner: owner }],
  pg_database: [
    {
      oid: 1,
      datname: "millrace",
      datdba: owner,
      encoding: 6,
      datlocprovider: "c",
      datistemplate: false,
      datallowconn: true,
      datconnlimit: -1,
      dattablespace: 1663,
      datcollate: "C",
      datctype: "C",
    },
  ],
  pg_roles: [
    {
      oid: owner,
      rolname: "millrace",
      rolsuper: true,
      rolinherit: true,
      rolcreaterole: false,
      rolcreatedb: false,
      rolcanlogin: true,
      rolreplication: false,
      rolconnlimit: -1,
      rolbypassrls: false,
    },
  ],
};

function relationOf(object: CatalogObject): readonly Relation[] {
  const { name, definition } = object;
  const plain = { name, keys: [], definition: null, connector: null };
  switch (object.kind) {
    case "table": {
      const keys = [
        ...(object.primaryKey.length > 0 ? [{ columns: object.primaryKey, primary: true }] : []),
        ...object.unique.map((columns) => ({ columns, primary: false })),
      ];
      return [{ ...plain, kind: "r", columns: object.columns, keys }];
    }
    case "view":
      return [{ ...plain, kind: "v", columns: object.columns, definition: object.query }];
    case "streamingJob":
    case "materializedView":
      return object.result === null ? [] : [{ ...plain, kind: "m", columns: object.result.schema.columns, definition: bodyOf(definition) }];
    case "source":
    case "sink":
      return [{ ...plain, kind: "f", columns: object.columns ?? [], connector: object.connector }];
  }
}

const sideTable = ({ name, schema }: ResultTable): Relation => ({
  name,
  kind: "r",
  columns: schema.columns,
  keys: [],
  definition: null,
  connector: null,
});

/** The query of a job's definition. */
const bodyOf = (definition: string): string => definition.replace(/^[\s\S]*?\bas\s+(?=select|with|values|from|table|\()/i, "");

const classDefaults = {
  relnamespace: publicNamespace,
  reltype: 0,
  reloftype: 0,
  relowner: owner,
  relfilenode: 0,
  reltablespace: 0,
  relpages: 0,
  reltuples: -1,
  reltoastrelid: 0,
  relisshared: false,
  relpersistence: "p",
  relchecks: 0,
  relhasrules: false,
  relhastriggers: false,
  relhassubclass: false,
  relrowsecurity: false,
  relforcerowsecurity: false,
  relispopulated: true,
  relreplident: "d",
  relispartition: false,
  relhasoids: false,
} as const satisfies Row;

const classRow = ({ name, kind, columns, keys, definition }: Relation, ids: ObjectIds): Row => ({
  ...classDefaults,
  oid: ids.of("relation", name),
  relname: name,
  relam: kind === "r" || kind === "m" ? 2 : 0,
  relhasindex: keys.length > 0,
  relkind: kind,
  relnatts: columns.length,
  mr_definition: definition,
});

interface Index {
  readonly relation: Relation;
  readonly columns: readonly string[];
  readonly primary: boolean;
}

const nameOf = ({ relation, columns, primary }: Index): string => keyName(relation.name, columns, primary);

const indexClassRow = (index: Index, ids: ObjectIds): Row => ({
  ...classDefaults,
  oid: ids.of("index", nameOf(index)),
  relname: nameOf(index),
  relam: 403,
  relhasindex: false,
  relkind: "i",
  relnatts: index.columns.length,
});

const numbers = ({ relation, columns }: Index): readonly number[] =>
  columns.map((name) => relation.columns.findIndex((c) => c.name === name) + 1);

const indexRow = (index: Index, ids: ObjectIds): Row => ({
  indexrelid: ids.of("index", nameOf(index)),
  indrelid: ids.of("relation", index.relation.name),
  indnatts: index.columns.length,
  indnkeyatts: index.columns.length,
  indisunique: true,
  indnullsnotdistinct: false,
  indisprimary: index.primary,
  indisexclusion: false,
  indimmediate: true,
  indisclustered: false,
  indisvalid: true,
  indcheckxmin: false,
  indisready: true,
  indislive: true,
  indisreplident: false,
  indkey: numbers(index),
  indcollation: index.columns.map(() => 0),
  indclass: index.columns.map(() => 0),
  indoption: index.columns.map(() => 0),
  mr_columns: index.columns,
  mr_definition: `CREATE UNIQUE INDEX ${nameOf(index)} ON public.${index.relation.name} USING btree (${index.columns.join(", ")})`,
});

const constraintRow = (index: Index, ids: ObjectIds): Row => ({
  oid: ids.of("constraint", nameOf(index)),
  conname: nameOf(index),
  connamespace: publicNamespace,
  contype: index.primary ? "p" : "u",
  condeferrable: false,
  condeferred: false,
  convalidated: true,
  conrelid: ids.of("relation", index.relation.name),
  contypid: 0,
  conindid: ids.of("index", nameOf(index)),
  conparentid: 0,
  confrelid: 0,
  conislocal: true,
  coninhcount: 0,
  connoinherit: true,
  conkey: numbers(index),
  mr_definition: `${index.primary ? "PRIMARY KEY" : "UNIQUE"} (${index.columns.join(", ")})`,
});

const columnsOf = ({ relation, columns }: Index): Relation["columns"] =>
  columns.flatMap((name) => relation.columns.filter((c) => c.name === name).map(({ type }) => ({ name, type })));

const attributeRows = (columns: Relation["columns"], relation: number): readonly Row[] =>
  columns.map((column, i) => {
    const oid = oidOf(column.type);
    const hasDefault = (column.defaultValue ?? column.computed ?? null) !== null;
    return {
      attrelid: relation,
      attname: column.name,
      atttypid: oid,
      attlen: sizeOfOid(oid),
      attnum: i + 1,
      attndims: column.type.id === "list" ? 1 : 0,
      atttypmod: typmodOf(column.type),
      attbyval: false,
      attalign: "i",
      attstorage: "p",
      attcompression: "",
      attnotnull: column.notNull ?? false,
      atthasdef: hasDefault,
      atthasmissing: false,
      attidentity: "",
      attgenerated: (column.computed ?? null) === null ? "" : "s",
      attisdropped: false,
      attislocal: true,
      attinhcount: 0,
      attstattarget: -1,
      attcollation: 0,
    };
  });

const defaultRows = ({ name, columns }: Relation, ids: ObjectIds): readonly Row[] =>
  columns.flatMap((column, i) => {
    const value = column.computed ?? column.defaultValue ?? null;
    if (value === null) return [];
    return [{ oid: ids.of("default", `${name} ${column.name}`), adrelid: ids.of("relation", name), adnum: i + 1, adbin: value }];
  });

function functionRow({ name, language, parameters, returns, definition, javascript }: FunctionObject, ids: ObjectIds): Row {
  const named = parameters.map((p) => (p.name.startsWith("$") ? "" : p.name));
  return {
    oid: ids.of("function", name),
    proname: name,
    pronamespace: publicNamespace,
    proowner: owner,
    prolang: language === "sql" ? 14 : 15,
    procost: 100,
    prorows: 0,
    provariadic: 0,
    prokind: "f",
    prosecdef: false,
    proleakproof: false,
    proisstrict: javascript?.strict ?? false,
    proretset: false,
    provolatile: "i",
    proparallel: "s",
    pronargs: parameters.length,
    pronargdefaults: 0,
    prorettype: oidOf(returns),
    proargtypes: parameters.map((p) => oidOf(p.type)),
    proargnames: named,
    prosrc: javascript?.source ?? definition,
    mr_definition: definition,
    mr_result: formatType(returns).toLowerCase(),
    mr_arguments: parameters.map((p, i) => `${named[i] === "" ? "" : `${named[i]} `}${formatType(p.type).toLowerCase()}`).join(", "),
  };
}
