import type { LeaderToken } from "./messages.ts";

/** A leader that is older than one this TaskManager has known in the same cluster was replaced, and does not know it. */
export const isStale = (leader: LeaderToken, known: LeaderToken | null): boolean =>
  known !== null && leader.cluster === known.cluster && leader.epoch < known.epoch;
