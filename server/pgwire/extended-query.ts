import { copyOut } from "./copy-out.ts";
import type { Statement } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import type { Parameter } from "../session/execution.ts";
import { writeCommandComplete, writeEmpty, writeParameterDescription, writeRowDescription } from "./backend-messages.ts";
import { type BindMessage, formatAt, type FrontendMessage } from "./frontend-messages.ts";
import { utf8Of } from "./message-body.ts";
import { readBinaryParameter } from "./parse-binary.ts";
import { parseParameter } from "./parse-value.ts";
import type { Portal } from "./portals.ts";
import { preparedParameters, type PreparedStatement } from "./prepared-statements.ts";
import type { ProtocolSession } from "./protocol-session.ts";
import { RowStream } from "./row-stream.ts";
import { oidOf, typeOfOid } from "./types.ts";

type MessageOf<K extends FrontendMessage["kind"]> = Extract<FrontendMessage, { readonly kind: K }>;

/** Parse: reads the statement and has it described, so that errors in it show here as in Postgres. */
export async function parse(session: ProtocolSession, message: MessageOf<"parse">): Promise<void> {
  if (message.name === "") session.statements.delete("");
  session.statements.admit(message.name);
  const statements = session.parse(message.text);
  if (statements.length > 1) {
    throw new SqlError({ sqlState: "42601", message: "cannot insert multiple commands into a prepared statement", at: statements[1]?.at });
  }
  const statement = statements[0] ?? null;
  if (statement !== null) session.block.admit(statement);
  const described =
    statement === null
      ? { parameters: [], columns: null }
      : await session.guard.run(() => session.executor.describe(statement, session.session, message.parameterOids.map(typeOfOid)));
  session.statements.set(message.name, {
    text: message.text,
    statement,
    columns: described.columns,
    parameters: preparedParameters(message.parameterOids, described.parameters),
  });
  writeEmpty(session.wire.writer, "parseComplete");
}

export function bind(session: ProtocolSession, message: BindMessage): void {
  const prepared = session.statements.get(message.statement);
  session.text = prepared.text;
  if (prepared.statement !== null) session.block.admit(prepared.statement);
  if (message.portal === "") session.portals.close("");
  session.portals.admit(message.portal);
  checkCounts(message, prepared);
  const parameters = message.parameters.map((bytes, index) => readParameter(prepared, message, bytes, index));
  session.portals.set(message.portal, { prepared, parameters, formats: message.resultFormats, state: { kind: "ready" } });
  writeEmpty(session.wire.writer, "bindComplete");
}

function checkCounts(message: BindMessage, prepared: PreparedStatement): void {
  const given = message.parameters.length;
  const required = prepared.parameters.length;
  const formats = message.parameterFormats.length;
  if (formats > 1 && formats !== given) throw protocolError(`bind message has ${formats} parameter formats but ${given} parameters`);
  if (given !== required) {
    throw protocolError(`bind message supplies ${given} parameters, but prepared statement "${message.statement}" requires ${required}`);
  }
  const columns = prepared.columns?.columns.length ?? 0;
  const resultFormats = message.resultFormats.length;
  if (resultFormats > 1 && resultFormats !== columns) {
    throw protocolError(`bind message has ${resultFormats} result formats but query has ${columns} columns`);
  }
}

const protocolError = (message: string): SqlError => new SqlError({ sqlState: "08P01", message });

function readParameter(prepared: PreparedStatement, message: BindMessage, bytes: Buffer | null, index: number): Parameter {
  const { oid, type } = prepared.parameters[index] as PreparedStatement["parameters"][number];
  if (bytes === null) return { type, value: null };
  return formatAt(message.parameterFormats, index) === "binary"
    ? readBinaryParameter(type, oid, bytes)
    : parseParameter(type, utf8Of(bytes));
}

export function describe(session: ProtocolSession, message: MessageOf<"describe">): void {
  const { writer } = session.wire;
  if (message.object === "portal") {
    const { prepared, formats } = session.portals.get(message.name);
    return describeRows(session, prepared.columns, formats);
  }
  const prepared = session.statements.get(message.name);
  writeParameterDescription(
    writer,
    prepared.parameters.map(({ oid }) => oid),
  );
  describeRows(session, prepared.columns, []);
}

function describeRows(session: ProtocolSession, columns: Schema | null, formats: Portal["formats"]): void {
  if (columns === null) writeEmpty(session.wire.writer, "noData");
  else writeRowDescription(session.wire.writer, columns, formats);
}

/** Execute: runs the portal the first time, and sends its next rows each time. */
export async function execute(session: ProtocolSession, message: MessageOf<"execute">): Promise<void> {
  const portal = session.portals.get(message.portal);
  const { statement, text } = portal.prepared;
  session.text = text;
  if (statement === null) return session.writeEmptyQuery();
  session.block.admit(statement);
  await session.guard.run(async () => {
    if (portal.state.kind === "ready" && !(await start(session, portal, statement))) return;
    await sendNext(session, portal, message);
  });
}

/** Returns whether there are rows to send. */
async function start(session: ProtocolSession, portal: Portal, statement: Statement): Promise<boolean> {
  const outcome = await session.execute(statement, portal.parameters, !session.wire.syncIsNext);
  if (outcome.kind === "command") {
    writeCommandComplete(session.wire.writer, outcome.tag);
    portal.state = { kind: "done", tag: null };
    return false;
  }
  if (outcome.kind === "copyOut") {
    await copyOut(session, outcome);
    portal.state = { kind: "done", tag: null };
    return false;
  }
  if (outcome.kind === "copyIn")
    throw new SqlError({ sqlState: "0A000", message: "COPY FROM STDIN is a simple query: it takes no parameters" });
  const rows = new RowStream(session.wire, outcome.result, portal.formats);
  portal.state = { kind: "open", rows, tag: outcome.tag };
  checkColumns(portal.prepared.columns, outcome.result.schema);
  return true;
}

/** The client decodes rows as Describe announced them; a table that was replaced since then must not change them silently. */
function checkColumns(described: Schema | null, actual: Schema): void {
  const expected = (described?.columns ?? []).map(({ type }) => oidOf(type));
  if (String(expected) === String(actual.columns.map(({ type }) => oidOf(type)))) return;
  throw new SqlError({ sqlState: "0A000", message: "cached plan must not change result type", hint: "Prepare the statement again." });
}

async function sendNext(session: ProtocolSession, portal: Portal, message: MessageOf<"execute">): Promise<void> {
  const { state } = portal;
  const { writer } = session.wire;
  if (state.kind === "open") {
    const { rows, ended } = await state.rows.send(message.rows_max, () => session.guard.check());
    if (!ended) return writeEmpty(writer, "portalSuspended");
    state.rows.close();
    portal.state = { kind: "done", tag: state.tag };
    writeCommandComplete(writer, state.tag(rows));
  } else if (state.kind === "done" && state.tag !== null) writeCommandComplete(writer, state.tag(0));
  else if (state.kind === "done") throw new SqlError({ sqlState: "55000", message: `portal "${message.portal}" cannot be run` });
}

export function close(session: ProtocolSession, message: MessageOf<"close">): void {
  if (message.object === "portal") session.portals.close(message.name);
  else session.statements.delete(message.name);
  writeEmpty(session.wire.writer, "closeComplete");
}
