/** A macro's SQL: `name(parameters) as body`, or several overloads by the number of arguments. */
export const macro = (name: string, ...overloads: readonly string[]): string => `create or replace macro ${name}${overloads.join(", ")}`;

/** Overloads of 1 to `count` arguments `a1`, `a2`, …, since a macro's list of parameters is fixed. */
export const variadic = (
  name: string,
  fixed: readonly string[],
  count: { readonly from: number; readonly to: number },
  body: (rest: readonly string[]) => string,
): string =>
  macro(
    name,
    ...Array.from({ length: count.to - count.from + 1 }, (_, i) => {
      const rest = Array.from({ length: count.from + i }, (_rest, k) => `a${k + 1}`);
      return `(${[...fixed, ...rest].join(", ")}) as ${body(rest)}`;
    }),
  );
