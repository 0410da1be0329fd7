/** Reserved in Postgres and in DuckDB: no names without quotes. */
export const reservedWords: ReadonlySet<string> = new Set(
  "all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default deferrable desc distinct do else end except false fetch for foreign from group having in initially intersect into lateral leading limit not null offset on only or order placing primary references returning select some symmetric table then to trailing true union unique using variadic when where window with".split(
    " ",
  ),
);
