import type { Statement } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { SqlType } from "../../runtime/contract/types.ts";
import type { Description } from "../session/execution.ts";
import { oidOf, textOid, typeOfOid } from "./types.ts";

/** A statement of Parse. */
export interface PreparedStatement {
  readonly text: string;
  /** null: the text held no statement. */
  readonly statement: Statement | null;
  readonly columns: Description["columns"];
  readonly parameters: readonly PreparedParameter[];
}

export interface PreparedParameter {
  /** As ParameterDescription reports it. */
  readonly oid: number;
  readonly type: SqlType | null;
}

const unknownOid = 705;

/** What the client declared comes first and is reported back as it was; the rest is inferred, and text where nothing is known. */
export function preparedParameters(declared: readonly number[], inferred: Description["parameters"]): readonly PreparedParameter[] {
  return Array.from({ length: Math.max(declared.length, inferred.length) }, (_, index): PreparedParameter => {
    const oid = declared[index] ?? 0;
    if (oid !== 0 && oid !== unknownOid) return { oid, type: typeOfOid(oid) };
    const type = inferred[index] ?? null;
    return { oid: type === null || type.id === "varchar" ? textOid : oidOf(type), type };
  });
}

/** The prepared statements of a session by name; `""` is the unnamed one, replaced by each Parse. */
export class PreparedStatements {
  private readonly byName = new Map<string, PreparedStatement>();
  private readonly count_max: number;

  constructor(count_max: number) {
    this.count_max = count_max;
  }

  /** Throws what keeps a statement of this name from being prepared. */
  admit(name: string): void {
    if (name === "") return;
    if (this.byName.has(name)) throw new SqlError({ sqlState: "42P05", message: `prepared statement "${name}" already exists` });
    if (this.byName.size >= this.count_max) {
      throw new SqlError({
        sqlState: "54000",
        message: "too many prepared statements in this session",
        hint: "Close or DEALLOCATE some of them.",
      });
    }
  }

  set(name: string, statement: PreparedStatement): void {
    this.byName.set(name, statement);
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  get(name: string): PreparedStatement {
    const found = this.byName.get(name);
    if (found !== undefined) return found;
    throw new SqlError({
      sqlState: "26000",
      message: name === "" ? "unnamed prepared statement does not exist" : `prepared statement "${name}" does not exist`,
    });
  }

  delete(name: string): void {
    this.byName.delete(name);
  }

  clear(): void {
    this.byName.clear();
  }
}
