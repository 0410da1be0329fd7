import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { fixture } from "./fixture.ts";

const run = promisify(execFile);
const hasPsql = await run("psql", ["--version"]).then(
  () => true,
  () => false,
);

describe("Postgres' catalog", () => {
  const f = fixture();

  beforeAll(async () => {
    await f.rows(
      "CREATE TABLE items (id BIGINT PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x', price DECIMAL(10,2), tags TEXT[], UNIQUE (name))",
    );
    await f.rows("CREATE VIEW cheap AS SELECT id FROM items WHERE price < 1");
    await f.rows("CREATE MATERIALIZED VIEW per_name AS SELECT name, count(*) AS n FROM items GROUP BY name");
    await f.rows("CREATE SOURCE src (id BIGINT) WITH (connector = 'datagen', rows = 1)");
    await f.rows("CREATE FUNCTION next_of(a INT) RETURNS INT LANGUAGE sql AS 'a + 1'");
  });

  describe.runIf(hasPsql)("psql", () => {
    const psql = async (command: string): Promise<string> => {
      const { stdout, stderr } = await run("psql", [
        "-X",
        "-h",
        "127.0.0.1",
        "-p",
        String(f.server().pgPort),
        "-U",
        "test",
        "-c",
        command,
        "millrace",
      ]);
      return stdout + stderr;
    };

    it.each([
      ["\\d", [/items +\| table/, /cheap +\| view/, /per_name +\| materialized view/, /src +\| foreign table/]],
      ["\\dt", [/public \| items +\| table/]],
      ["\\dt it*", [/public \| items +\| table/]],
      ["\\dv", [/cheap/]],
      ["\\dm", [/per_name/]],
      ["\\di", [/items_pkey +\| index/, /items_name_key/]],
      [
        "\\d items",
        [
          /id +\| bigint +\| +\| not null/,
          /name +\| character varying +\| +\| not null \| 'x'/,
          /price +\| numeric\(10,2\)/,
          /tags +\| text\[\]/,
          /"items_pkey" PRIMARY KEY, btree \(id\)/,
          /"items_name_key" UNIQUE CONSTRAINT, btree \(name\)/,
        ],
      ],
      ["\\d+ cheap", [/View definition:\s+SELECT id FROM items WHERE price < 1/]],
      ["\\d per_name", [/name +\| character varying/, /n +\| bigint/]],
      ["\\d src", [/Foreign table "public.src"/, /Server: datagen/]],
      ["\\d items_pkey", [/id +\| bigint +\| yes +\| id/, /primary key, btree, for table "public.items"/]],
      ["\\df", [/next_of +\| integer +\| a integer +\| func/]],
      ["\\sf next_of", [/CREATE FUNCTION next_of/]],
      ["\\l", [/millrace .* UTF8/]],
      ["\\dn", [/public/]],
      ["\\du", [/millrace .*Superuser/]],
      ["\\dp", [/items +\| table/]],
      ["\\det", [/src +\| datagen/]],
      ["\\dx", [/0 rows/]],
      ["\\d nosuch", [/Did not find any relation named "nosuch"/]],
    ] as const)("%s", async (command, patterns) => {
      const output = await psql(command).catch((error: { stdout: string; stderr: string }) => error.stdout + error.stderr);
      for (const pattern of patterns) expect(output).toMatch(pattern);
      expect(output).not.toMatch(/ERROR/);
    });
  });

  it.each([
    [
      "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
      ["cheap,VIEW", "items,BASE TABLE", "per_name,BASE TABLE", "src,FOREIGN"],
    ],
    [
      "SELECT column_name, data_type, is_nullable, numeric_precision FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'items' ORDER BY ordinal_position",
      ["id,bigint,NO,64", "name,character varying,NO,", "price,numeric,YES,10", "tags,ARRAY,YES,"],
    ],
    ["SELECT tablename FROM pg_tables WHERE schemaname = 'public'", ["items"]],
    ["SELECT schemaname, matviewname FROM pg_catalog.pg_matviews", ["public,per_name"]],
    ["SELECT relname FROM pg_class WHERE oid = 'public.items'::regclass", ["items"]],
    ["SELECT c.oid::regclass::text AS r FROM pg_class c WHERE c.relname = 'cheap'", ["cheap"]],
    // psycopg's TypeInfo.fetch
    [
      "SELECT typname AS name, oid, typarray AS array_oid, oid::regtype::text AS regtype, typdelim AS delimiter FROM pg_type t WHERE t.oid = to_regtype('int8') ORDER BY t.oid",
      ["int8,20,1016,bigint,,"],
    ],
    // SQLAlchemy
    [
      "SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p']) AND pg_catalog.pg_class.relpersistence != 't' AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != 'pg_catalog'",
      ["items"],
    ],
    // JDBC: getTables, getColumns, getPrimaryKeys
    [
      `SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, c.relname AS TABLE_NAME, CASE n.nspname ~ '^pg_' OR n.nspname = 'information_schema' WHEN true THEN 'SYSTEM' WHEN false THEN CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE NULL END ELSE NULL END AS TABLE_TYPE, d.description AS REMARKS
      FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 and d.classoid = 'pg_class'::regclass)
      WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'v') ORDER BY TABLE_TYPE,TABLE_SCHEM,TABLE_NAME`,
      [",public,items,TABLE,", ",public,cheap,VIEW,"],
    ],
    [
      `SELECT * FROM (SELECT n.nspname,c.relname,a.attname,a.atttypid,a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS attnotnull,a.atttypmod,a.attlen,t.typtypmod,row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS attnum, nullif(a.attidentity, '') as attidentity,nullif(a.attgenerated, '') as attgenerated,pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc,dsc.description,t.typbasetype,t.typtype
      FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON (c.relnamespace = n.oid) JOIN pg_catalog.pg_attribute a ON (a.attrelid=c.oid) JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid) LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid=def.adrelid AND a.attnum = def.adnum) LEFT JOIN pg_catalog.pg_description dsc ON (c.oid=dsc.objoid AND a.attnum = dsc.objsubid) LEFT JOIN pg_catalog.pg_class dc ON (dc.oid=dsc.classoid AND dc.relname='pg_class') LEFT JOIN pg_catalog.pg_namespace dn ON (dc.relnamespace=dn.oid AND dn.nspname='pg_catalog')
      WHERE c.relkind in ('r','p','v','f','m') and a.attnum > 0 AND NOT a.attisdropped AND c.relname LIKE 'cheap') c WHERE true ORDER BY nspname,c.relname,attnum`,
      ["public,cheap,id,20,false,-1,8,-1,1,,,,,0,b"],
    ],
    [
      `SELECT result.TABLE_NAME, result.COLUMN_NAME, result.KEY_SEQ, result.PK_NAME FROM (SELECT n.nspname AS TABLE_SCHEM, ct.relname AS TABLE_NAME, a.attname AS COLUMN_NAME, (information_schema._pg_expandarray(i.indkey)).n AS KEY_SEQ, ci.relname AS PK_NAME, information_schema._pg_expandarray(i.indkey) AS KEYS, a.attnum AS A_ATTNUM
      FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid) JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid) JOIN pg_catalog.pg_index i ON ( a.attrelid = i.indrelid) JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid) WHERE true AND ct.relname = 'items' AND i.indisprimary) result WHERE result.A_ATTNUM = (result.KEYS).x ORDER BY result.table_name, result.pk_name, result.key_seq`,
      ["items,id,1,items_pkey"],
    ],
    // DBeaver
    [
      "SELECT n.oid,n.*,d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=n.oid AND d.objsubid=0 AND d.classoid='pg_namespace'::regclass WHERE nspname = 'public' ORDER BY nspname",
      ["2200,public,10,,"],
    ],
    [
      "SELECT kcu.column_name FROM information_schema.table_constraints tc JOIN information_schema.key_column_usage kcu USING (constraint_name) WHERE constraint_type = 'PRIMARY KEY' AND tc.table_name = 'items'",
      ["id"],
    ],
    ["SELECT s FROM generate_series(1, 2) s", ["1", "2"]],
    ["SELECT current_database() AS d, current_schema() AS s, current_user AS u", ["millrace,public,millrace"]],
  ])("answers %s", async (sql, rows) => {
    expect((await f.cells(sql)).map((row) => row.map((cell) => cell ?? "").join(","))).toEqual(rows);
  });

  it("follows changes and keeps ids", async () => {
    const ids = (): Promise<readonly (readonly (string | null)[])[]> =>
      f.cells("SELECT relname, oid FROM pg_class WHERE relname = 'items'");
    const before = await ids();
    await f.rows("CREATE TABLE later (a INT)");
    expect(await f.cells("SELECT attname FROM pg_attribute WHERE attrelid = 'later'::regclass")).toEqual([["a"]]);
    await f.rows("DROP TABLE later");
    expect(await f.cells("SELECT relname FROM pg_class WHERE relname = 'later'")).toEqual([]);
    expect(await ids()).toEqual(before);
  });
});
