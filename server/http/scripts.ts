import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SqlError } from "../../runtime/contract/errors.ts";
import { limits } from "../../runtime/contract/limits.ts";
import { randomToken } from "../../runtime/contract/random-token.ts";
import type { World } from "../../runtime/contract/world.ts";

export interface Script {
  /** `<32 hex digits>_<name>`, as Flink's ids of jars. */
  readonly id: string;
  readonly name: string;
  readonly uploaded_ms: number;
}

const idPattern = /^[0-9a-f]{32}_[\w.-]{1,100}$/;

/** SQL scripts that clients uploaded, in a folder of the data directory: what jars are to Flink. */
export class Scripts {
  readonly #directory: string;
  readonly #world: World;

  constructor(directory: string, world: World) {
    this.#directory = directory;
    this.#world = world;
  }

  /** Newest first. */
  list(): readonly Script[] {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const scripts = readdirSync(this.#directory)
      .filter((id) => idPattern.test(id))
      .map((id): Script => ({ id, name: id.slice(33), uploaded_ms: statSync(join(this.#directory, id)).mtimeMs }));
    return scripts.sort((a, b) => b.uploaded_ms - a.uploaded_ms);
  }

  /** Keeps the text; the path it lies at. */
  add(name: string, text: string): string {
    if (this.list().length >= limits.scripts_max) {
      throw new SqlError({
        sqlState: "54000",
        message: `there are ${limits.scripts_max} scripts already`,
        hint: "Delete some: DELETE /jars/<id>.",
      });
    }
    const path = join(this.#directory, `${randomToken(this.#world)}_${safeName(name)}`);
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
    return path;
  }

  /** null: there is none of this id. */
  read(id: string): string | null {
    return this.#has(id) ? readFileSync(join(this.#directory, id), "utf8") : null;
  }

  remove(id: string): boolean {
    if (!this.#has(id)) return false;
    rmSync(join(this.#directory, id));
    return true;
  }

  #has(id: string): boolean {
    return this.list().some((script) => script.id === id);
  }
}

/** A name may hold anything; a file's name must not lead elsewhere. */
const safeName = (name: string): string => name.replaceAll(/[^\w.-]/g, "_").slice(-100) || "script.sql";
