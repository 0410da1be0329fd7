import type { PgCatalogTable } from "../../planner/front/catalog-names.ts";
import { bigint, boolean, integer, type Schema, type SqlType, varchar } from "../../runtime/contract/types.ts";

/** Letters of the columns' types: b boolean, i integer, o object id, t text, T texts, I integers. */
const letters: Readonly<Record<string, SqlType>> = {
  b: boolean,
  i: integer,
  o: bigint,
  t: varchar,
  T: { id: "list", element: varchar },
  I: { id: "list", element: integer },
};

/** `oid:o relname:t`. */
const columns = (text: string): Schema => ({
  columns: text.split(/\s+/).map((column) => {
    const [name = "", letter = ""] = column.split(":");
    return { name, type: letters[letter] ?? varchar };
  }),
});

/** Tables that hold rows of their own, and those of what Millrace has not, which are empty. The others are views. */
export const pgTables = {
  pg_am: columns("oid:o amname:t amhandler:o amtype:t"),
  pg_attrdef: columns("oid:o adrelid:o adnum:i adbin:t"),
  pg_attribute: columns(
    `attrelid:o attname:t atttypid:o attlen:i attnum:i attndims:i atttypmod:i attbyval:b attalign:t attstorage:t attcompression:t
    attnotnull:b atthasdef:b atthasmissing:b attidentity:t attgenerated:t attisdropped:b attislocal:b attinhcount:i attstattarget:i
    attcollation:o attacl:T attoptions:T attfdwoptions:T`,
  ),
  pg_auth_members: columns("oid:o roleid:o member:o grantor:o admin_option:b"),
  pg_class: columns(
    `oid:o relname:t relnamespace:o reltype:o reloftype:o relowner:o relam:o relfilenode:o reltablespace:o relpages:i reltuples:i
    reltoastrelid:o relhasindex:b relisshared:b relpersistence:t relkind:t relnatts:i relchecks:i relhasrules:b relhastriggers:b
    relhassubclass:b relrowsecurity:b relforcerowsecurity:b relispopulated:b relreplident:t relispartition:b relhasoids:b relacl:T reloptions:T
    relpartbound:t mr_definition:t`,
  ),
  pg_collation: columns("oid:o collname:t collnamespace:o collowner:o collprovider:t collisdeterministic:b collencoding:i collcollate:t"),
  pg_constraint: columns(
    `oid:o conname:t connamespace:o contype:t condeferrable:b condeferred:b convalidated:b conrelid:o contypid:o conindid:o conparentid:o
    confrelid:o confupdtype:t confdeltype:t confmatchtype:t conislocal:b coninhcount:i connoinherit:b conkey:I confkey:I conbin:t mr_definition:t`,
  ),
  pg_database: columns(
    `oid:o datname:t datdba:o encoding:i datlocprovider:t datistemplate:b datallowconn:b datconnlimit:i dattablespace:o datcollate:t
    datctype:t daticulocale:t datcollversion:t datacl:T`,
  ),
  pg_depend: columns("classid:o objid:o objsubid:i refclassid:o refobjid:o refobjsubid:i deptype:t"),
  pg_description: columns("objoid:o classoid:o objsubid:i description:t"),
  pg_enum: columns("oid:o enumtypid:o enumsortorder:i enumlabel:t"),
  pg_event_trigger: columns("oid:o evtname:t evtevent:t evtowner:o evtfoid:o evtenabled:t evttags:T"),
  pg_extension: columns("oid:o extname:t extowner:o extnamespace:o extrelocatable:b extversion:t"),
  pg_foreign_data_wrapper: columns("oid:o fdwname:t fdwowner:o fdwhandler:o fdwvalidator:o fdwacl:T fdwoptions:T"),
  pg_foreign_server: columns("oid:o srvname:t srvowner:o srvfdw:o srvtype:t srvversion:t srvacl:T srvoptions:T"),
  pg_foreign_table: columns("ftrelid:o ftserver:o ftoptions:T"),
  pg_index: columns(
    `indexrelid:o indrelid:o indnatts:i indnkeyatts:i indisunique:b indnullsnotdistinct:b indisprimary:b indisexclusion:b indimmediate:b
    indisclustered:b indisvalid:b indcheckxmin:b indisready:b indislive:b indisreplident:b indkey:I indcollation:I indclass:I indoption:I
    indexprs:t indpred:t mr_definition:t mr_columns:T`,
  ),
  pg_inherits: columns("inhrelid:o inhparent:o inhseqno:i inhdetachpending:b"),
  pg_language: columns("oid:o lanname:t lanowner:o lanispl:b lanpltrusted:b"),
  pg_namespace: columns("oid:o nspname:t nspowner:o nspacl:T"),
  pg_partitioned_table: columns("partrelid:o partstrat:t partnatts:i partdefid:o partattrs:I"),
  pg_policy: columns("oid:o polname:t polrelid:o polcmd:t polpermissive:b polroles:I polqual:t polwithcheck:t"),
  pg_proc: columns(
    `oid:o proname:t pronamespace:o proowner:o prolang:o procost:i prorows:i provariadic:o prosupport:o prokind:t prosecdef:b
    proleakproof:b proisstrict:b proretset:b provolatile:t proparallel:t pronargs:i pronargdefaults:i prorettype:o proargtypes:I
    proallargtypes:I proargmodes:T proargnames:T proargdefaults:t prosrc:t probin:t proconfig:T proacl:T mr_definition:t mr_result:t mr_arguments:t`,
  ),
  pg_publication: columns("oid:o pubname:t pubowner:o puballtables:b pubinsert:b pubupdate:b pubdelete:b pubtruncate:b pubviaroot:b"),
  pg_publication_namespace: columns("oid:o pnpubid:o pnnspid:o"),
  pg_publication_rel: columns("oid:o prpubid:o prrelid:o prqual:t prattrs:I"),
  pg_range: columns("rngtypid:o rngsubtype:o rngmultitypid:o rngcollation:o rngsubopc:o"),
  pg_rewrite: columns("oid:o rulename:t ev_class:o ev_type:t ev_enabled:t is_instead:b"),
  pg_roles: columns(
    `oid:o rolname:t rolsuper:b rolinherit:b rolcreaterole:b rolcreatedb:b rolcanlogin:b rolreplication:b rolconnlimit:i rolpassword:t
    rolvaliduntil:t rolbypassrls:b rolconfig:T`,
  ),
  pg_sequence: columns("seqrelid:o seqtypid:o seqstart:o seqincrement:o seqmax:o seqmin:o seqcache:o seqcycle:b"),
  pg_settings: columns("name:t setting:t unit:t category:t short_desc:t context:t vartype:t source:t"),
  pg_shdescription: columns("objoid:o classoid:o description:t"),
  pg_statistic_ext: columns("oid:o stxrelid:o stxname:t stxnamespace:o stxowner:o stxstattarget:i stxkeys:I stxkind:T stxexprs:t"),
  pg_tablespace: columns("oid:o spcname:t spcowner:o spcacl:T spcoptions:T"),
  pg_trigger: columns(
    "oid:o tgrelid:o tgparentid:o tgname:t tgfoid:o tgtype:i tgenabled:t tgisinternal:b tgconstrrelid:o tgconstrindid:o tgconstraint:o tgdeferrable:b tginitdeferred:b",
  ),
  pg_type: columns(
    `oid:o typname:t typnamespace:o typowner:o typlen:i typbyval:b typtype:t typcategory:t typispreferred:b typisdefined:b typdelim:t
    typrelid:o typsubscript:o typelem:o typarray:o typinput:t typoutput:t typreceive:t typsend:t typnotnull:b typbasetype:o typtypmod:i typndims:i
    typcollation:o typdefault:t typacl:T mr_format:t`,
  ),
} as const satisfies Partial<Record<PgCatalogTable, Schema>>;

export type PgTable = keyof typeof pgTables;
