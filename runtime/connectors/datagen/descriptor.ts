import type { OptionSpec, SourceConnector } from "../../contract/connector.ts";
import { lazyReader } from "../lazy.ts";

export const datagenOptions: readonly OptionSpec[] = [
  { name: "rows", kind: "integer", default: "0", doc: "How many rows there are. 0: without end." },
  { name: "rows_per_second", kind: "number", default: "0", doc: "Rows a second, by the clock. 0: as fast as they are taken." },
  { name: "seed", kind: "integer", default: "0", doc: "Other seeds give other random values." },
  {
    name: "fields.*.kind",
    kind: "text",
    values: ["random", "sequence"],
    default: "random",
    doc: "Whether the column's values are random, or count up with the rows.",
  },
  { name: "fields.*.min", kind: "text", doc: "Lowest random value, as text of the column's type." },
  { name: "fields.*.max", kind: "text", doc: "Highest random value, as text of the column's type." },
  { name: "fields.*.length", kind: "integer", doc: "Characters of a random text." },
  { name: "fields.*.start", kind: "text", doc: "First value of a sequence, as text of the column's type." },
  { name: "fields.*.end", kind: "text", doc: "Last value of a sequence: behind it, the sequence begins again." },
];

export const datagen: SourceConnector = {
  name: "datagen",
  doc: "Rows made by a pure function of seed and row number.",
  options: datagenOptions,
  bounded: (options) => Number(options["rows"] ?? "0") > 0,
  createReader: (spec, context) => lazyReader(async () => new (await import("./reader.ts")).DatagenReader(spec, context)),
};
