import type { TokenReader } from "../reader.ts";
import type { Statement } from "../statement.ts";

type WithoutPlace<S> = S extends Statement ? Omit<S, "at" | "text"> : never;
/** A statement without the text that it was read from. */
export type StatementBody = WithoutPlace<Statement>;

/** What stood among the leading keywords, and how to read a statement within this one. */
export interface Head {
  readonly orReplace: boolean;
  readonly nested: (reader: TokenReader) => Statement;
}

/** The leading keywords of a statement, in lower case, and the reader of what follows them. */
export interface StatementForm {
  readonly lead: readonly string[];
  readonly read: (reader: TokenReader, head: Head) => StatementBody;
  /** The reader is given the statement from its first keyword, because that is part of the text that goes on. */
  readonly keepsLead: boolean;
}

export const form = (lead: string, read: StatementForm["read"]): StatementForm => ({
  lead: lead.toLowerCase().split(" "),
  read,
  keepsLead: false,
});
export const textForm = (lead: string, read: StatementForm["read"]): StatementForm => ({ ...form(lead, read), keepsLead: true });

export const readIfNotExists = (reader: TokenReader): boolean => reader.eat("if", "not", "exists");
export const readColumnNames = (reader: TokenReader): readonly string[] | null =>
  reader.atMark("(") ? reader.list(() => reader.identifier()) : null;
