import { formatJson } from "../contract/text.ts";
import type { Schema } from "../contract/types.ts";
import { encodeRows, opColumn, type RowEncoder } from "./row-encoder.ts";

/** JSON lines. */
export function jsonEncoder(schema: Schema, changelog: boolean): RowEncoder {
  const keys = schema.columns.map(({ name }) => JSON.stringify(name));
  return {
    header: "",
    encode: (batch) =>
      encodeRows(schema, batch, changelog, (values, op) => {
        const members = schema.columns.map(({ type }, c) => `${keys[c]}:${formatJson(type, values[c] ?? null)}`);
        if (op !== null) members.unshift(`"${opColumn}":"${op}"`);
        return `{${members.join(",")}}\n`;
      }),
  };
}
