import type { TokenReader } from "../reader.ts";
import type { RelationKind } from "../statement.ts";
import type { StatementBody } from "./form.ts";

/** `DROP kind [IF EXISTS] a, b [CASCADE | RESTRICT]`. */
export const drop =
  (object: RelationKind) =>
  (reader: TokenReader): StatementBody => {
    const ifExists = reader.eat("if", "exists");
    const names = [reader.name()];
    while (reader.eatMark(",")) names.push(reader.name());
    const cascade = reader.eat("cascade");
    if (!cascade) reader.eat("restrict");
    return { kind: "drop", object, names, ifExists, cascade };
  };
