import type { SecureContext } from "node:tls";
import type { Store } from "../../runtime/contract/store.ts";
import type { World } from "../../runtime/contract/world.ts";
import type { Executor } from "../session/execution.ts";
import type { CancelRegistry } from "./cancel-registry.ts";
import type { ScramVerifier } from "./scram.ts";
import type { WireLimits } from "./wire-limits.ts";

/** What connections share. */
export interface DoorContext {
  readonly executor: Executor;
  readonly store: Store;
  readonly world: World;
  readonly log: (line: string) => void;
  readonly limits: WireLimits;
  readonly tls: SecureContext | null;
  readonly verifier: ScramVerifier | null;
  readonly cancels: CancelRegistry;
  /** Called once by a connection that has proved who it is; false: the door is full. */
  admit(connection: Destroyable): boolean;
}

export interface Destroyable {
  destroy(): void;
}
