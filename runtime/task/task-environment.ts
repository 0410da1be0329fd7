import type { OperatorSpec } from "../contract/job-graph.ts";
import type { OperatorDefinition } from "../contract/operator.ts";
import type { FromSlot } from "../contract/rpc.ts";
import type { World } from "../contract/world.ts";
import type { TablePull, TableRows } from "../contract/change-log.ts";
import type { TaskId } from "../contract/rpc.ts";
import type { LocalWires } from "../exchange/wire.ts";
import type { SnapshotPieces } from "./take-snapshot.ts";

export type DefinitionOf = <S extends OperatorSpec>(spec: S) => OperatorDefinition<S>;

/** What a slot lends its tasks. */
export interface TaskEnvironment {
  readonly world: World;
  readonly definitionOf: DefinitionOf;
  /** Channels with both ends in this slot. */
  readonly wires: LocalWires;
  /** How snapshots are cut up; by the limits unless told. */
  readonly snapshotPieces?: SnapshotPieces;
  /** One question of an operator at a time. */
  pullTable(task: TaskId, uid: string, pull: TablePull): Promise<TableRows>;
  report(message: FromSlot, transfer?: readonly ArrayBuffer[]): void;
}
