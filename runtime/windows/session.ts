import type { Window } from "./kind.ts";

/** A row opens the window [time, time + gap); windows that touch are one session. So rows exactly a gap apart are in one session. */

export const sessionSignature = "SESSION(table [PARTITION BY keys], time, gap)";

export const sessionWindow = (time_us: bigint, gap_us: bigint): Window => ({ start_us: time_us, end_us: time_us + gap_us });

export const sessionsTouch = (a: Window, b: Window): boolean => a.start_us <= b.end_us && a.end_us >= b.start_us;

export const mergeSessions = (a: Window, b: Window): Window => ({
  start_us: a.start_us < b.start_us ? a.start_us : b.start_us,
  end_us: a.end_us > b.end_us ? a.end_us : b.end_us,
});
