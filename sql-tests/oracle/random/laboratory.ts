import { openPlanning } from "../../runner/planning.ts";
import { BatchOracle } from "./batch-oracle.ts";
import { type Laboratory, registryOperators } from "./run-case.ts";
import { catalogDdl } from "./tables.ts";

/** A planner over the catalog of all cases, and DuckDB as the oracle. */
export async function openLaboratory(definitionOf = registryOperators): Promise<Laboratory & { close(): Promise<void> }> {
  const planning = openPlanning(catalogDdl());
  const oracle = await BatchOracle.open();
  return {
    planning,
    oracle,
    definitionOf,
    async close() {
      planning.close();
      await oracle.close();
    },
  };
}
