import type { TokenReader } from "../reader.ts";
import { notSupported } from "../syntax-error.ts";
import { form, type StatementForm } from "./form.ts";

/** Statements that Postgres or the design know and this version does not, with the way round where there is one. */
const later: Readonly<Record<string, string | undefined>> = {
  "CREATE INDEX": undefined,
  "CREATE SCHEMA": undefined,
  "CREATE TYPE": undefined,
  "CREATE CONNECTION": undefined,
  "CREATE CATALOG": undefined,
  "CREATE DATABASE": undefined,
  "CREATE ROLE": undefined,
  "CREATE USER": undefined,
  "CREATE TEMP": "Use CREATE TABLE or CREATE VIEW.",
  "CREATE TEMPORARY": "Use CREATE TABLE or CREATE VIEW.",
  "ALTER SYSTEM": undefined,
  SUBSCRIBE: undefined,
  DECLARE: undefined,
  FETCH: undefined,
  CLOSE: undefined,
  SAVEPOINT: undefined,
  RELEASE: undefined,
  MERGE: "Use INSERT, UPDATE and DELETE.",
  GRANT: undefined,
  REVOKE: undefined,
  COMMENT: undefined,
  ANALYZE: undefined,
  VACUUM: undefined,
  LOCK: undefined,
  LISTEN: undefined,
  NOTIFY: undefined,
  UNLISTEN: undefined,
  CALL: undefined,
  DO: undefined,
  REFRESH: "A materialized view is kept up to date by its job.",
  REINDEX: undefined,
  CLUSTER: undefined,
  ATTACH: undefined,
  PRAGMA: undefined,
  USE: undefined,
};

const refuse = (lead: string, hint: string | undefined): StatementForm =>
  form(lead, (reader: TokenReader) => {
    throw notSupported(lead, reader.start, hint);
  });

export const unsupportedForms: readonly StatementForm[] = Object.entries(later).map(([lead, hint]) => refuse(lead, hint));
