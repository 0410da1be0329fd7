/** Functions of users that queries call, with what they are in the batch. */
interface RandomFunction {
  readonly ddl: string;
  readonly macro: string;
}

const functions: readonly RandomFunction[] = [
  {
    ddl: "CREATE FUNCTION plus_one(x BIGINT) RETURNS BIGINT LANGUAGE sql AS $$ SELECT x + 1 $$;",
    macro: "CREATE MACRO plus_one(x) AS CAST(x AS BIGINT) + 1",
  },
  {
    ddl: "CREATE FUNCTION doubled(x BIGINT) RETURNS BIGINT LANGUAGE javascript STRICT AS $$ return x * 2n; $$;",
    macro: "CREATE MACRO doubled(x) AS CAST(x AS BIGINT) * 2",
  },
  {
    ddl: "CREATE FUNCTION shouted(s TEXT) RETURNS TEXT LANGUAGE javascript AS $$ return s === null ? 'nothing' : s.slice(0, 3) + '!'; $$;",
    macro: "CREATE MACRO shouted(s) AS CASE WHEN s IS NULL THEN 'nothing' ELSE left(s, 3) || '!' END",
  },
];

export const functionDdl = functions.map(({ ddl }) => ddl);
export const functionMacros = functions.map(({ macro }) => macro);
