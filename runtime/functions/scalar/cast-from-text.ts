import type { Cast } from "./casts.ts";
import type { Resolution } from "./define.ts";
export function resolveTextCast(_cast: Cast): Resolution | null {
  return null;
}
