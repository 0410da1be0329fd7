import { compileFunction } from "node:vm";
import { messageOf } from "../contract/errors.ts";
import type { JavascriptFunction } from "../contract/javascript.ts";

/** Why a function cannot be compiled, or null. It is parsed here and never run. */
export function sourceFault({ name, parameters, source }: Pick<JavascriptFunction, "name" | "parameters" | "source">): string | null {
  // The one way out of a realm without modules or eval; a keyword cannot be spelt in escapes.
  if (/\bimport\b/.test(source)) return "import is not there";
  try {
    const names = parameters.map((p) => p.name);
    compileFunction(`"use strict";${source.replace(/^\s*export\s+(?:default\s+)?/, "")}`, names, { filename: name });
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
