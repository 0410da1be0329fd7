import type { InstantStep } from "../../contract/temporal.ts";

const day_us = 86_400_000_000n;

/** The instant (µs since 1970) that the steps make of `now_us`. */
export const instantAfter = (steps: readonly InstantStep[], now_us: bigint): bigint => steps.reduce(step, now_us);

function step(instant_us: bigint, change: InstantStep): bigint {
  if (change.kind === "startOfDay") return dayOf(instant_us) * day_us;
  return addMonths(instant_us, change.months) + BigInt(change.days) * day_us + change.micros;
}

const dayOf = (instant_us: bigint): bigint => (instant_us - (((instant_us % day_us) + day_us) % day_us)) / day_us;

/** A day that the month does not have is its last. */
function addMonths(instant_us: bigint, months: number): bigint {
  if (months === 0) return instant_us;
  const day = dayOf(instant_us);
  const date = new Date(Number(day) * 86_400_000);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const moved = first.getTime() / 86_400_000 + Math.min(date.getUTCDate(), last) - 1;
  return BigInt(moved) * day_us + (instant_us - day * day_us);
}
