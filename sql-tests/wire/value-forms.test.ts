import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellsOf, errorOf, extendedQuery, RawClient, type RawBind } from "./raw-client.ts";
import { openDoor, type WireHarness } from "./wire-harness.ts";

/** What PostgreSQL 15.18 answers to `SELECT $1::type` for a text parameter: the text and binary forms, or the SQLSTATE. */
interface ValueForm {
  readonly type: string;
  readonly oid: number;
  readonly input: string;
  readonly text?: string;
  readonly binary?: string;
  readonly error?: string;
}

const forms = JSON.parse(readFileSync(new URL("value-forms.json", import.meta.url), "utf8")) as readonly ValueForm[];

let door: WireHarness;
let client: RawClient;
beforeAll(async () => {
  door = await openDoor();
  client = await RawClient.session(door.port);
});
afterAll(async () => {
  client.end();
  await door.close();
});

const duckdbType = (type: string): string =>
  type.replace("double precision", "double").replace("bytea", "blob").replace("numeric", "decimal");

/** The one cell, or the SQLSTATE. */
async function ask(bind: RawBind): Promise<Buffer | string | null> {
  client.send(extendedQuery(bind));
  const messages = await client.until("Z");
  return errorOf(messages)["C"] ?? cellsOf(messages)[0]?.[0] ?? null;
}

describe("value forms are Postgres' own", () => {
  it("reads the recorded forms", () => expect(forms.length).toBeGreaterThan(100));

  const byType = Object.entries(group(forms));
  it.each(byType)("%s", async (_, cases) => {
    for (const expected of cases) expect(await answers(expected)).toEqual(expected);
  });
});

/** What the door says to the same question, text and binary parameters alike. */
async function answers({ type, oid, input, binary }: ValueForm): Promise<ValueForm> {
  const question = { sql: `SELECT $1::${duckdbType(type)}`, oids: [oid] };
  const inText = await ask({ ...question, parameters: [input] });
  const inBinary = await ask({ ...question, parameters: [input], resultFormats: [1] });
  if (typeof inText === "string") return { type, oid, input, error: inText };
  const fromBinary = await ask({ ...question, parameters: [Buffer.from(binary ?? "", "hex")], parameterFormats: [1] });
  const text = String(inText) === String(fromBinary) ? String(inText) : `${inText} but ${fromBinary} from binary`;
  return { type, oid, input, text, binary: (inBinary as Buffer).toString("hex") };
}

function group(all: readonly ValueForm[]): Record<string, ValueForm[]> {
  const groups: Record<string, ValueForm[]> = {};
  for (const form of all) (groups[form.type] ??= []).push(form);
  return groups;
}
