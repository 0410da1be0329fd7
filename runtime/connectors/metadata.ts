import type { SourceConnector } from "../contract/connector.ts";
import { SqlError } from "../contract/errors.ts";
import { formatType, sameType, type SqlType } from "../contract/types.ts";
import { suggest } from "../contract/suggest.ts";

export interface MetadataUse {
  readonly name: string;
  readonly key: string;
  readonly type: SqlType;
  readonly at: number | undefined;
}

/** Throws SqlError for a metadata column whose key the connector does not know (42703) or whose type is another (42804). */
export function checkMetadata(connector: SourceConnector, uses: readonly MetadataUse[]): void {
  const known = connector.metadata ?? [];
  for (const { name, key, type, at } of uses) {
    const spec = known.find((entry) => entry.key === key);
    if (spec === undefined) throw unknownKey(connector, key, at);
    if (sameType(spec.type, type)) continue;
    throw new SqlError({
      sqlState: "42804",
      message: `metadata "${key}" is of type ${formatType(spec.type)}, not ${formatType(type)}`,
      hint: `Write ${name} ${formatType(spec.type)} METADATA FROM '${key}', and cast it in a computed column.`,
      at,
    });
  }
}

function unknownKey(connector: SourceConnector, key: string, at: number | undefined): SqlError {
  const keys = (connector.metadata ?? []).map((spec) => spec.key);
  const near = suggest(key, keys);
  const hint =
    keys.length === 0
      ? "It has none."
      : near === undefined
        ? `It has ${keys.join(", ")}.`
        : `Perhaps you meant "${near}"; it has ${keys.join(", ")}.`;
  return new SqlError({ sqlState: "42703", message: `connector "${connector.name}" has no metadata "${key}"`, hint, at });
}
