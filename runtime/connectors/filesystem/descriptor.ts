import type { OptionSpec, SinkConnector, SourceConnector } from "../../contract/connector.ts";
import { formatNames, formatOptions } from "../../formats/registry.ts";
import { fileMetadataKeys } from "./file-metadata.ts";
import { lazyReader, lazyWriter } from "../lazy.ts";

const format: OptionSpec = {
  name: "format",
  kind: "text",
  required: true,
  values: formatNames,
  doc: `What the files hold: ${formatNames.join(", ")}.`,
};

export const filesystemSourceOptions: readonly OptionSpec[] = [
  {
    name: "path",
    kind: "path",
    required: true,
    doc: "A file, a directory (all files below it) or a pattern: * and ? within a name, ** over directories.",
  },
  format,
  {
    name: "watch",
    kind: "boolean",
    default: "false",
    doc: "Whether to go on with new files, and with what is added to JSON and CSV files.",
  },
  { name: "watch_interval", kind: "duration", default: "1s", doc: "How often to look for new files and rows." },
  ...formatOptions,
];

export const filesystemSinkOptions: readonly OptionSpec[] = [
  { name: "path", kind: "path", required: true, doc: "The directory for the files; it is made when it is not there." },
  format,
  ...formatOptions,
];

export const filesystemSource: SourceConnector = {
  name: "filesystem",
  doc: "Reads files of a directory or of one path.",
  options: filesystemSourceOptions,
  metadata: fileMetadataKeys,
  bounded: (options) => !["true", "on", "yes"].includes((options["watch"] ?? "false").toLowerCase()),
  createReader: (spec, context) => lazyReader(async () => new (await import("./reader.ts")).FilesystemReader(spec, context)),
};

export const filesystemSink: SinkConnector = {
  name: "filesystem",
  doc: "Writes files that appear, whole, when the checkpoint that holds their rows completes. A changelog gets a first column op: +I or -D.",
  options: filesystemSinkOptions,
  exactlyOnce: true,
  createWriter: (spec, context) => lazyWriter(async () => new (await import("./writer.ts")).FilesystemWriter(spec, context)),
};
