import { SqlError } from "../../runtime/contract/errors.ts";
import { limits } from "../../runtime/contract/limits.ts";
import { lex } from "./lexer.ts";
import { TokenReader } from "./reader.ts";
import { splitTokens } from "./split.ts";
import type { Statement } from "./statement.ts";
import type { Head, StatementForm } from "./statements/form.ts";
import { query } from "./statements/query.ts";
import { statementForms } from "./statements/registry.ts";

/**
 * The statements of a text, in order; none for an empty one. Query bodies are cut out as text, not read.
 * Throws SqlError with the position in `text` and, for a misspelt keyword, a hint.
 */
export function parseStatements(text: string): readonly Statement[] {
  if (text.length * 3 > limits.statement_bytes_max && Buffer.byteLength(text) > limits.statement_bytes_max) {
    throw new SqlError({ sqlState: "54000", message: `a text may have ${limits.statement_bytes_max} bytes` });
  }
  return splitTokens(lex(text)).map(({ tokens }) => {
    const reader = new TokenReader(text, tokens, tokens.at(-1)?.end ?? text.length);
    const statement = readStatement(reader);
    reader.needEnd();
    return statement;
  });
}

function readStatement(reader: TokenReader): Statement {
  const mark = reader.mark();
  const { form, orReplace } = readLead(reader);
  const head: Head = { orReplace, nested: readStatement };
  const body = form.read(reader, head);
  const { text, at } = reader.textSince(mark);
  return { ...body, at, text };
}

const parenthesised: StatementForm = { lead: [], read: query, keepsLead: true };

/** Reads the leading keywords. Those of queries and changes stay: they are part of the text that DuckDB gets. */
function readLead(reader: TokenReader): { form: StatementForm; orReplace: boolean } {
  if (reader.atMark("(")) return { form: parenthesised, orReplace: false };
  let forms = statementForms;
  let orReplace = false;
  for (let depth = 0; ; depth++) {
    const word = reader.peek();
    const matching = forms.filter((form) => word?.kind === "word" && form.lead[depth] === word.value);
    const complete = forms.find((form) => form.lead.length === depth);
    if (matching.length === 0) {
      if (complete !== undefined) return { form: complete, orReplace };
      throw reader.error(forms.map((form) => form.lead[depth]?.toUpperCase() ?? ""));
    }
    if (matching.every((form) => form.keepsLead)) return { form: matching[0] ?? parenthesised, orReplace };
    reader.next();
    if (depth === 0 && word?.value === "create") orReplace = reader.eat("or", "replace");
    forms = matching;
  }
}
