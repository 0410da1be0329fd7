import type { SinkConnector } from "../../contract/connector.ts";
import { lazyWriter } from "../lazy.ts";

export const print: SinkConnector = {
  name: "print",
  doc: "Writes a line a row to the server's standard output: +I[…] for an insert, -D[…] for a delete. A restart may print rows again.",
  options: [{ name: "prefix", kind: "text", default: "", doc: "Text in front of each line." }],
  exactlyOnce: false,
  createWriter: (spec, context) => lazyWriter(async () => new (await import("./writer.ts")).PrintWriter(spec, context)),
};
