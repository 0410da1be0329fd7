import { messageOf, SqlError, TaskFailure } from "../contract/errors.ts";
import type { TaskFault } from "../contract/rpc.ts";

/** Whose fault an error is, and whether a restart may help. */
export function faultOf(error: unknown): TaskFault {
  const text = { message: messageOf(error), stack: error instanceof Error ? (error.stack ?? null) : null };
  if (error instanceof TaskFailure) return { ...text, domain: error.domain, retry: error.retry, sqlState: error.sqlState };
  if (error instanceof SqlError) return { ...text, domain: "user", retry: "fail", sqlState: error.sqlState };
  const code = systemCode(error);
  if (code !== null) return { ...text, domain: "external", retry: "retry", sqlState: systemStates[code] ?? "58030" };
  return { ...text, domain: "internal", retry: "retry", sqlState: "XX000" };
}

const systemStates: Readonly<Record<string, TaskFault["sqlState"]>> = { ENOENT: "58P01", ENOSPC: "53100", EDQUOT: "53100" };

/** The code of an error of the operating system, such as ENOSPC. */
function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}
