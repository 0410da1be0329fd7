/** A job that has started and holds no slots: it waits for them, or for the time of its restart. */
export interface SlotRequest {
  readonly job: string;
  readonly needed: number;
}

/** Slots of the whole cluster. */
export interface SlotSupply {
  readonly free: number;
  /** Free or not, with those that were lost a moment ago and may come back. */
  readonly total: number;
}

/** `behind` is the job that free slots are kept for; null where there are too few of them anyway. */
export type SlotTurn = { readonly do: "take" } | { readonly do: "wait"; readonly behind: string | null };

/**
 * Whether it is the job's turn. Requests are served in their order, so that a large job does not starve while small ones come and go:
 * free slots are kept for the first that waits. Only one that needs more slots than there are is passed over, as keeping slots for it
 * is in vain; once there are enough it is first again. `requests` is in order and has the job's.
 */
export function decideTurn(requests: readonly SlotRequest[], job: string, { free, total }: SlotSupply): SlotTurn {
  let left = free;
  let first: string | null = null;
  for (const request of requests) {
    if (request.job === job) return request.needed <= left ? { do: "take" } : { do: "wait", behind: request.needed <= free ? first : null };
    if (request.needed > total) continue;
    left = request.needed <= left ? left - request.needed : 0;
    first ??= request.job;
  }
  return { do: "wait", behind: first };
}
