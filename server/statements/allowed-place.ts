import { requireAllowedPlace } from "../../runtime/connectors/filesystem/allowed-path.ts";
import { SqlError, TaskFailure } from "../../runtime/contract/errors.ts";
import type { StatementContext } from "./context.ts";

/** Throws at the path's place in the statement when a file may not lie there. `alsoChecked` throws as allowed-path.ts does. */
export function requirePlace(
  path: string,
  at: number,
  { allowedDirectories }: StatementContext,
  alsoChecked: () => void = () => undefined,
): void {
  try {
    requireAllowedPlace(path, allowedDirectories);
    alsoChecked();
  } catch (error) {
    if (error instanceof TaskFailure) throw new SqlError({ sqlState: error.sqlState, message: error.message, at, cause: error });
    throw error;
  }
}
