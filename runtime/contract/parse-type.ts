import { type Field, type SimpleTypeId, type SqlType, simple } from "./types.ts";

/** Postgres' and DuckDB's names of the simple types, in upper case. */
const names: Readonly<Record<string, SimpleTypeId>> = {
  BOOLEAN: "boolean",
  BOOL: "boolean",
  LOGICAL: "boolean",
  TINYINT: "tinyint",
  INT1: "tinyint",
  SMALLINT: "smallint",
  INT2: "smallint",
  SHORT: "smallint",
  INTEGER: "integer",
  INT: "integer",
  INT4: "integer",
  SIGNED: "integer",
  SERIAL: "integer",
  BIGINT: "bigint",
  INT8: "bigint",
  LONG: "bigint",
  BIGSERIAL: "bigint",
  HUGEINT: "hugeint",
  UTINYINT: "utinyint",
  USMALLINT: "usmallint",
  UINTEGER: "uinteger",
  UBIGINT: "ubigint",
  REAL: "real",
  FLOAT: "real",
  FLOAT4: "real",
  DOUBLE: "double",
  "DOUBLE PRECISION": "double",
  FLOAT8: "double",
  VARCHAR: "varchar",
  TEXT: "varchar",
  STRING: "varchar",
  CHAR: "varchar",
  BPCHAR: "varchar",
  "CHARACTER VARYING": "varchar",
  CHARACTER: "varchar",
  NAME: "varchar",
  JSON: "json",
  JSONB: "json",
  BLOB: "blob",
  BYTEA: "blob",
  BYTES: "blob",
  VARBINARY: "blob",
  UUID: "uuid",
  DATE: "date",
  TIME: "time",
  "TIME WITHOUT TIME ZONE": "time",
  TIMESTAMP: "timestamp",
  DATETIME: "timestamp",
  TIMESTAMP_S: "timestamp",
  TIMESTAMP_MS: "timestamp",
  TIMESTAMP_NS: "timestamp",
  "TIMESTAMP WITHOUT TIME ZONE": "timestamp",
  TIMESTAMPTZ: "timestamptz",
  TIMESTAMP_LTZ: "timestamptz",
  "TIMESTAMP WITH TIME ZONE": "timestamptz",
  INTERVAL: "interval",
};

/** Words that begin a type's name, in upper case: what an error may suggest. */
export const typeNames: readonly string[] = [...Object.keys(names), "DECIMAL", "NUMERIC", "STRUCT", "ROW", "MAP", "ARRAY"];

class TypeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): SqlType | null {
    const type = this.type();
    this.#space();
    return type !== null && this.#at === this.#text.length ? type : null;
  }

  type(): SqlType | null {
    let type = this.#base();
    while (type !== null) {
      const suffix = /^\s*(?:\[\d*\]|ARRAY\b)/i.exec(this.#rest());
      if (suffix === null) return type;
      this.#at += suffix[0].length;
      type = { id: "list", element: type };
    }
    return null;
  }

  #base(): SqlType | null {
    const word = this.#words();
    if (word === "DECIMAL" || word === "NUMERIC" || word === "DEC") return this.#decimal();
    if (word === "STRUCT" || word === "ROW") return this.#struct();
    if (word === "MAP") return this.#map();
    if (word === "ARRAY" && this.#eat("<")) return this.#list();
    const id = names[word];
    if (id === undefined) return null;
    const precision = /^\s*\(\s*\d+\s*\)/.exec(this.#rest()); // TIMESTAMP(3), VARCHAR(20): precision and length are dropped
    if (precision !== null) this.#at += precision[0].length;
    const zone = /^\s*WITH(OUT)?\s+(LOCAL\s+)?TIME\s+ZONE\b/i.exec(this.#rest()); // TIMESTAMP(3) WITH TIME ZONE
    if (zone === null) return simple(id);
    this.#at += zone[0].length;
    return simple(id === "timestamp" && zone[1] === undefined ? "timestamptz" : id);
  }

  #decimal(): SqlType | null {
    const size = /^\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/.exec(this.#rest());
    if (size === null) return { id: "decimal", width: 38, scale: 10 };
    this.#at += size[0].length;
    const width = Number(size[1]);
    const scale = Number(size[2] ?? 0);
    return width >= 1 && width <= 38 && scale <= width ? { id: "decimal", width, scale } : null;
  }

  #list(): SqlType | null {
    const element = this.type();
    return element !== null && this.#eat(">") ? { id: "list", element } : null;
  }

  #map(): SqlType | null {
    const close = this.#eat("(") ? ")" : this.#eat("<") ? ">" : null;
    if (close === null) return null;
    const key = this.type();
    if (key === null || !this.#eat(",")) return null;
    const value = this.type();
    return value !== null && this.#eat(close) ? { id: "map", key, value } : null;
  }

  #struct(): SqlType | null {
    const close = this.#eat("(") ? ")" : this.#eat("<") ? ">" : null;
    if (close === null) return null;
    const fields: Field[] = [];
    do {
      const name = this.#identifier();
      const type = name === null ? null : this.type();
      if (name === null || type === null) return null;
      fields.push({ name, type });
    } while (this.#eat(","));
    return this.#eat(close) ? { id: "struct", fields } : null;
  }

  #identifier(): string | null {
    this.#space();
    const found = /^(?:"((?:[^"]|"")+)"|([A-Za-z_]\w*))/.exec(this.#rest());
    if (found === null) return null;
    this.#at += found[0].length;
    return found[1]?.replaceAll('""', '"') ?? (found[2] as string);
  }

  /** The longest run of words that names a type: `DOUBLE PRECISION`, `TIMESTAMP WITH TIME ZONE`. */
  #words(): string {
    this.#space();
    for (const pattern of [/^[A-Za-z_]\w*(?:\s+[A-Za-z]+){3}/, /^[A-Za-z_]\w*(?:\s+[A-Za-z]+){1}/]) {
      const run = pattern.exec(this.#rest());
      const name = run?.[0].toUpperCase().replaceAll(/\s+/g, " ");
      if (run !== null && name !== undefined && name in names) {
        this.#at += run[0].length;
        return name;
      }
    }
    const one = /^[A-Za-z_]\w*/.exec(this.#rest())?.[0] ?? "";
    this.#at += one.length;
    return one.toUpperCase();
  }

  #rest(): string {
    return this.#text.slice(this.#at);
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #eat(mark: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }
}

/** Reads a type name as DuckDB, Postgres or Flink writes it; null when it names no type that a batch can hold. */
export function parseType(text: string): SqlType | null {
  return new TypeReader(text).whole();
}
