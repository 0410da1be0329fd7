import { SqlError } from "../../runtime/contract/errors.ts";
import type { Parameter } from "../session/execution.ts";
import type { Format } from "./frontend-messages.ts";
import type { PreparedStatement } from "./prepared-statements.ts";
import type { RowStream } from "./row-stream.ts";

/** A bound statement; it runs at its first Execute and may give its rows in parts. */
export interface Portal {
  readonly prepared: PreparedStatement;
  readonly parameters: readonly Parameter[];
  readonly formats: readonly Format[];
  state: PortalState;
}

export type PortalState =
  | { readonly kind: "ready" }
  | { readonly kind: "open"; readonly rows: RowStream; readonly tag: (rows: number) => string }
  /** `tag` is null for a command, which cannot run twice. */
  | { readonly kind: "done"; readonly tag: ((rows: number) => string) | null };

/** The portals of a session by name; `""` is the unnamed one, replaced by each Bind. They end with their transaction. */
export class Portals {
  private readonly byName = new Map<string, Portal>();
  private readonly count_max: number;

  constructor(count_max: number) {
    this.count_max = count_max;
  }

  /** Throws what keeps a portal of this name from being bound. */
  admit(name: string): void {
    if (name === "") return;
    if (this.byName.has(name)) throw new SqlError({ sqlState: "42P03", message: `cursor "${name}" already exists` });
    if (this.byName.size >= this.count_max) {
      throw new SqlError({ sqlState: "54000", message: "too many portals in this session", hint: "Close some of them." });
    }
  }

  set(name: string, portal: Portal): void {
    this.close(name);
    this.byName.set(name, portal);
  }

  get(name: string): Portal {
    const found = this.byName.get(name);
    if (found === undefined) throw new SqlError({ sqlState: "34000", message: `portal "${name}" does not exist` });
    return found;
  }

  close(name: string): void {
    const portal = this.byName.get(name);
    if (portal === undefined) return;
    if (portal.state.kind === "open") portal.state.rows.close();
    this.byName.delete(name);
  }

  closeAll(): void {
    for (const name of this.byName.keys()) this.close(name);
  }
}
