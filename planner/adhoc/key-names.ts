/** A key's name as Postgres makes it up, where none was given: `t_pkey`, `t_a_b_key`. */
export const keyName = (table: string, columns: readonly string[], primary: boolean): string =>
  primary ? `${table}_pkey` : `${[table, ...columns].join("_")}_key`;
