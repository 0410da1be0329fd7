import { messageOf, SqlError, type SqlState, TaskFailure } from "../../runtime/contract/errors.ts";

export type Severity = "ERROR" | "FATAL" | "WARNING" | "NOTICE" | "INFO";

/** The fields of an ErrorResponse or NoticeResponse. */
export interface Diagnostic {
  readonly severity: Severity;
  readonly sqlState: SqlState;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** From 1, in characters of the text that the client sent. */
  readonly position?: number | undefined;
}

/**
 * What the client learns of an error: SqlError and TaskFailure speak for themselves, anything else is a bug of ours and
 * says so without its insides, which go to the log.
 */
export function diagnosticOf(error: unknown, text: string | null, severity: Severity = "ERROR"): Diagnostic {
  if (error instanceof SqlError) {
    const { sqlState, message, detail, hint, at } = error;
    return { severity, sqlState, message, detail, hint, position: at === undefined || text === null ? undefined : positionOf(text, at) };
  }
  if (error instanceof TaskFailure) return { severity, sqlState: error.sqlState, message: messageOf(error) };
  return { severity, sqlState: "XX000", message: "internal error", hint: "The server's log has the details." };
}

export const isInternal = (error: unknown): boolean => !(error instanceof SqlError) && !(error instanceof TaskFailure);

/** Postgres counts positions in characters from 1; ours are UTF-16 units from 0. */
function positionOf(text: string, at: number): number {
  let position = 1;
  for (let i = 0; i < at && i < text.length; position++) i += (text.codePointAt(i) as number) > 0xffff ? 2 : 1;
  return position;
}
