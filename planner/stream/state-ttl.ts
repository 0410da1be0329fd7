import type { StreamContext } from "./context.ts";

/** A spec's time to live for state that is kept per key; without keys all state is one key's, and nothing is forgotten. */
export function ttlOfKeys({ stateTtl }: StreamContext, keys: number): { readonly ttl_ms?: number } {
  return stateTtl.groups_ms === null || keys === 0 ? {} : { ttl_ms: stateTtl.groups_ms };
}

/** Tells the user of state, kept per so many keys, that grows without bound: what keeps it, and what would bound it. */
export function noteUnbounded(context: StreamContext, keys: number, what: string, remedy: string | null): void {
  if (ttlOfKeys(context, keys).ttl_ms !== undefined) return;
  context.notices.push(`unbounded state: ${what} as long as the job lives${remedyText(remedy, keys > 0)}`);
}

function remedyText(remedy: string | null, mayForget: boolean): string {
  if (remedy === null) return mayForget ? "; set state_ttl to bound it" : "";
  return `; ${remedy} to bound it${mayForget ? ", or set state_ttl" : ""}`;
}
