/** Decides whether the other side still lives, from when it was last heard. Times are monotonic milliseconds. */
export interface LivenessFacts {
  readonly now_ms: number;
  readonly heard_ms: number;
  /** When this was last decided: much longer ago than planned means that we were held up ourselves. */
  readonly checked_ms: number;
  readonly interval_ms: number;
  readonly timeout_ms: number;
}

/**
 * `unknown`: we were stopped or too busy, and what the other side sent meanwhile may wait unread. The ResourceManager then gives
 * it another time-out; a TaskManager gives itself up, for its own silence has been as long.
 */
export function decideLiveness({ now_ms, heard_ms, checked_ms, interval_ms, timeout_ms }: LivenessFacts): "alive" | "lost" | "unknown" {
  if (now_ms - heard_ms <= timeout_ms) return "alive";
  return now_ms - checked_ms > Math.max(2 * interval_ms, timeout_ms / 2) ? "unknown" : "lost";
}
