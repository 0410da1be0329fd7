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

/** `DROP FUNCTION [IF EXISTS] f[(types)], g [CASCADE | RESTRICT]`; a name has one function, so that its types say nothing. */
export function dropFunction(reader: TokenReader): StatementBody {
  const ifExists = reader.eat("if", "exists");
  const names = [];
  do {
    names.push(reader.name());
    if (reader.atMark("(") && reader.atMark(")", 1)) {
      reader.next();
      reader.next();
    } else if (reader.atMark("(")) reader.textInParentheses();
  } while (reader.eatMark(","));
  const cascade = reader.eat("cascade");
  if (!cascade) reader.eat("restrict");
  return { kind: "dropFunction", names, ifExists, cascade };
}
