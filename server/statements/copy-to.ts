import { open, rename, rm } from "node:fs/promises";
import type { StatementOf } from "../../planner/front/statement.ts";
import { reasonOf } from "../../runtime/connectors/filesystem/allowed-path.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { answerQuery } from "../serving/answer-query.ts";
import { CopyOut } from "../tables/copy-out.ts";
import { requirePlaceAt } from "./allowed-place.ts";
import { command, type Handler } from "./context.ts";

/** COPY … TO: the rows of a table or a query, to the client or into a file of the server. */
export const copyTo: Handler<"copyTo"> = {
  async execute(statement, context, session) {
    const { to } = statement;
    if (to.kind === "file") requirePlaceAt(to.path, to.at, context.places);
    const out = new CopyOut(await answerQuery(statement.query, context, session, []), statement.format);
    if (to.kind === "stdout") {
      return { kind: "copyOut", columns: out.columns, lines: () => out.lines(), tag: () => `COPY ${out.rows}`, notices: [] };
    }
    await writeFile(to, out);
    return command(`COPY ${out.rows}`);
  },
};

type File = Extract<StatementOf<"copyTo">["to"], { readonly kind: "file" }>;

/** The file has all rows or is as it was. */
async function writeFile({ path, at }: File, out: CopyOut): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    const file = await open(part, "w");
    try {
      for await (const lines of out.lines()) await file.appendFile(lines.join(""));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    if (error instanceof SqlError) throw error;
    throw new SqlError({ sqlState: "58030", message: `cannot write "${path}": ${reasonOf(error)}`, at, cause: error });
  }
}
