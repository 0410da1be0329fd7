import type { Field, SqlType } from "./types.ts";

/** A function that a user wrote in JavaScript: a scalar over columns. Structured-cloneable. */
export interface JavascriptFunction {
  /** As users call it. */
  readonly name: string;
  readonly parameters: readonly Field[];
  readonly returns: SqlType;
  /** The body of a function, or a module's `export function name(…) {…}`. */
  readonly source: string;
  /** Rows with a NULL argument are NULL, without a call. */
  readonly strict: boolean;
}

/** The name of a function within plans: another for every signature, because a binder cannot forget one. */
export function markerOf({ name, parameters, returns, strict }: JavascriptFunction, formatType: (type: SqlType) => string): string {
  const signature = `${parameters.map((p) => formatType(p.type)).join(",")}>${formatType(returns)}${strict ? "!" : ""}`;
  let hash = 0;
  for (const c of signature) hash = (Math.imul(hash, 31) + (c.codePointAt(0) as number)) | 0;
  return `${markerPrefix}${(hash >>> 0).toString(36)}_${name}`;
}

/** The name that users know it by. */
export const withoutMarker = (name: string): string => name.replace(/^mr_js_[0-9a-z]+_/, "");

export const markerPrefix = "mr_js_";

/** Appends the result of each call of a user's function. `arguments` are columns of the input. Asynchronous: always the head of a chain. */
export interface JavascriptCalcSpec {
  readonly op: "javascriptCalc";
  readonly calls: readonly { readonly function: JavascriptFunction; readonly arguments: readonly number[] }[];
}
