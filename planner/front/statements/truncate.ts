import type { TokenReader } from "../reader.ts";
import { notSupported } from "../syntax-error.ts";
import type { StatementBody } from "./form.ts";

/** `TRUNCATE [TABLE] [ONLY] a, b [CONTINUE IDENTITY] [CASCADE | RESTRICT]`. */
export function truncate(reader: TokenReader): StatementBody {
  reader.eat("table");
  reader.eat("only");
  const tables = [reader.name()];
  while (reader.eatMark(",")) tables.push(reader.name());
  if (reader.at("restart")) throw notSupported("RESTART IDENTITY", reader.offset);
  reader.eat("continue", "identity");
  const cascade = reader.eat("cascade");
  if (!cascade) reader.eat("restrict");
  return { kind: "truncate", tables, cascade };
}
