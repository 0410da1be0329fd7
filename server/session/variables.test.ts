import { describe, expect, it } from "vitest";
import { SqlError } from "../../runtime/contract/errors.ts";
import { canonicalVariable, defaultVariables, reportedName, statementTimeout_ms, validateVariable } from "./variables.ts";

describe("run-time variables", () => {
  it.each([
    ["DateStyle", "german", "22023"],
    ["datestyle", "dmy", "ISO, DMY"],
    ["datestyle", "ISO", "ISO, MDY"],
    ["client_encoding", "utf-8", "UTF8"],
    ["client_encoding", "LATIN1", "22023"],
    ["TIME ZONE", "europe/paris", "Europe/Paris"],
    ["timezone", "utc", "UTC"],
    ["timezone", "Mars/Olympus", "22023"],
    ["statement_timeout", "120000", "2min"],
    ["statement_timeout", "1500ms", "1500ms"],
    ["statement_timeout", "0", "0"],
    ["statement_timeout", "5 parsecs", "22023"],
    ["standard_conforming_strings", "off", "22023"],
    ["default_transaction_read_only", "TRUE", "on"],
    ["extra_float_digits", "3", "3"],
    ["extra_float_digits", "4", "22023"],
    ["server_version", "16", "55000"],
    ["nonsuch", "1", "42704"],
    ["my.own", "anything", "anything"],
  ])("SET %s TO '%s' gives %s", (name, value, expected) => {
    const set = (): string => {
      try {
        return validateVariable(canonicalVariable(name), value);
      } catch (error) {
        return (error as SqlError).sqlState;
      }
    };
    expect(set()).toBe(expected);
  });

  it("has defaults that it would accept itself, and spells them as Postgres does", () => {
    expect(defaultVariables.get("timezone")).toBe("UTC");
    expect(reportedName("timezone")).toBe("TimeZone");
  });

  it("counts the time-out in milliseconds", () => {
    expect(statementTimeout_ms(new Map())).toBe(0);
    expect(statementTimeout_ms(new Map([["statement_timeout", "2min"]]))).toBe(120_000);
  });
});
