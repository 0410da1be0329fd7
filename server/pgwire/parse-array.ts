import { SqlError } from "../../runtime/contract/errors.ts";
import type { Value } from "../../runtime/contract/value.ts";

/** One item of `{…}`: quoted text is never NULL. */
const itemPattern = /\s*(?:"((?:[^"\\]|\\[\s\S])*)"|((?:[^\s{},"\\]|\\[\s\S]|[^\S\r\n](?=[^,}]))+))\s*([,}])/y;

/** A one-dimensional array in Postgres' text form, `{1,NULL,"a b"}`. Throws 22P02. */
export function parseArray(text: string, parseItem: (text: string) => Value): readonly Value[] {
  const trimmed = text.trim();
  if (/^\{\s*\}$/.test(trimmed)) return [];
  if (!trimmed.startsWith("{")) throw malformed(text);
  if (trimmed.startsWith("{{"))
    throw new SqlError({ sqlState: "0A000", message: "parameters of more than one array dimension are not supported" });
  const items: Value[] = [];
  let at = 1;
  for (let last = false; !last; ) {
    itemPattern.lastIndex = at;
    const match = itemPattern.exec(trimmed);
    if (match === null) throw malformed(text);
    const [, quoted, bare, delimiter] = match;
    items.push(quoted === undefined && /^null$/i.test(bare as string) ? null : parseItem(unescape(quoted ?? (bare as string))));
    at = itemPattern.lastIndex;
    last = delimiter === "}";
  }
  if (at !== trimmed.length) throw malformed(text);
  return items;
}

const unescape = (text: string): string => text.replace(/\\([\s\S])/g, "$1");

const malformed = (text: string): SqlError => new SqlError({ sqlState: "22P02", message: `malformed array literal: "${text}"` });
