import type { OptionSpec } from "../contract/connector.ts";

export const csvOptions: readonly OptionSpec[] = [
  { name: "header", kind: "boolean", default: "true", doc: "Whether the first line of a file names its columns." },
  { name: "delimiter", kind: "text", default: ",", doc: "One character between values; '\\t' is the tabulator." },
  { name: "quote", kind: "text", default: '"', doc: "One character around values that hold delimiters, quotes or line ends." },
  { name: "null_text", kind: "text", default: "", doc: "An unquoted value that stands for NULL." },
];
