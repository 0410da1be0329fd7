import { byteFunctions } from "./bytes.ts";
import type { NativeFunction } from "./define.ts";
import { fromText } from "./from-text.ts";
import { intervalFunctions } from "./intervals.ts";
import { jsonFunctions } from "./json.ts";
import { textFunctions } from "./text.ts";
import { toCharOfNumbers } from "./to-char-number.ts";
import { toCharOfTimes } from "./to-char-time.ts";

/** Every function of Postgres' that is written here because DuckDB has none: one line each. */
export const nativeFunctions: readonly NativeFunction[] = [
  ...toCharOfTimes,
  ...toCharOfNumbers,
  ...fromText,
  ...textFunctions,
  ...byteFunctions,
  ...intervalFunctions,
  ...jsonFunctions,
];
