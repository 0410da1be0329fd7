import type { Emission } from "../../runtime/contract/job-graph.ts";
import type { StateTtl } from "../options.ts";
import type { Locate } from "../logical/locate.ts";
import type { BoundSource } from "./bound-source.ts";
import type { SourceReaders } from "./source.ts";

export interface StreamContext {
  readonly sources: ReadonlyMap<string, BoundSource>;
  /** One for all queries of a job. */
  readonly readers: SourceReaders;
  readonly locate: Locate;
  /** Pre-aggregate in front of exchanges. */
  readonly localAggregate: boolean;
  /** Result table for late rows. */
  readonly lateRows: { readonly table: string; readonly at: number } | null;
  /** When the query's windows show their results. */
  readonly emission: Emission;
  readonly stateTtl: StateTtl;
  /** Of windows over times with a zone. */
  readonly timeZone: string;
  /** What grows without bound, for the user to know. */
  readonly notices: string[];
}
