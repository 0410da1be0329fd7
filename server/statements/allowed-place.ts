import type { Options } from "../../planner/front/statement.ts";
import { placeInside, requirePlace } from "../../runtime/connectors/filesystem/allowed-path.ts";
import { fixedPart } from "../../runtime/connectors/filesystem/find-files.ts";
import type { OptionSpec } from "../../runtime/contract/connector.ts";
import { SqlError, TaskFailure } from "../../runtime/contract/errors.ts";
import type { FilePlaces } from "../../runtime/contract/file-places.ts";
import type { StatementContext } from "./context.ts";

/** Throws at the path's place in the statement when a file may not lie there. */
export function requirePlaceAt(path: string, at: number, places: FilePlaces): void {
  try {
    requirePlace(path, places);
  } catch (error) {
    if (error instanceof TaskFailure) throw new SqlError({ sqlState: error.sqlState, message: error.message, at, cause: error });
    throw error;
  }
}

/** The same for the paths among a connector's options; what a pattern matches is seen when it is read. */
export function requireOptionPlaces(
  connector: { readonly options: readonly OptionSpec[] } | undefined,
  options: Options,
  places: FilePlaces,
): void {
  for (const { name, kind } of connector?.options ?? []) {
    const said = options.get(name);
    if (kind === "path" && said !== undefined) requirePlaceAt(fixedPart(said.value), said.at, places);
  }
}

/** The same for a savepoint's file, which may lie where the server keeps savepoints. */
export function requireSavepointPlace(file: string, at: number, { places, savepointDirectory }: StatementContext): void {
  if (!placeInside(file, savepointDirectory)) requirePlaceAt(file, at, places);
}
