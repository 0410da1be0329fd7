import { quoteName } from "../contract/quote.ts";
/** A table of schema `millrace_state`, quoted. */
export const stateTable = (name: string): string => `millrace_state.${quoteName(name)}`;

export const resultTable = (name: string): string => `public.${quoteName(name)}`;
