import type { JavascriptFunction } from "../contract/javascript.ts";
import { formatType } from "../contract/types.ts";
import { typescriptOf } from "./values.ts";

/** The functions' TypeScript declarations, to be checked against in an editor. Arguments may be null unless the function is strict. */
export function declarationsOf(functions: readonly JavascriptFunction[]): readonly string[] {
  return functions.flatMap(({ name, parameters, returns, strict }) => {
    const list = parameters.map((p) => `${p.name}: ${typescriptOf(p.type)}${strict ? "" : " | null"}`).join(", ");
    const signature = parameters.map((p) => `${p.name} ${formatType(p.type)}`).join(", ");
    return [
      `/** ${name}(${signature}) RETURNS ${formatType(returns)}${strict ? " STRICT" : ""} */`,
      `export declare function ${name}(${list}): ${typescriptOf(returns)} | null | undefined;`,
    ];
  });
}
