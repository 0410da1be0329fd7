import type { AnyWindowSpec, WindowSpec } from "../contract/job-graph.ts";
import { CalendarGrid, partsOf } from "./calendar.ts";
import { cumulate } from "./cumulate.ts";
import { hop } from "./hop.ts";
import type { Window, WindowKind } from "./kind.ts";
import { assignGridEnds } from "./slice.ts";
import { tumble } from "./tumble.ts";

/** Every window kind that assigns by time alone; sessions (session.ts) merge and have an operator of their own. */
export const windowKinds = { tumble, hop, cumulate } as const satisfies {
  readonly [K in WindowSpec["kind"]]: WindowKind<Extract<WindowSpec, { readonly kind: K }>>;
};

const kindOf = <S extends WindowSpec>(spec: S): WindowKind<S> => windowKinds[spec.kind] as unknown as WindowKind<S>;

/** Length of the grid on which the windows start and end: tumble's size, hop's slide, cumulate's step. */
export const sliceLength_us = (spec: WindowSpec): bigint => kindOf(spec).sliceLength_us(spec);

/** What is wrong with the sizes; null when nothing. The planner asks before a job exists. */
export const invalidWindow = (spec: WindowSpec): string | null => kindOf(spec).invalid(spec);

/** Every window that holds the time, by ascending end. */
export const assignWindows = (spec: WindowSpec, time_us: bigint): readonly Window[] => kindOf(spec).assign(spec, time_us);

/** The same for windows of any kind, with what it remembers of the last times. */
export function windowAssigner(spec: AnyWindowSpec): (time_us: bigint) => readonly Window[] {
  if (spec.kind !== "calendar") return (time_us) => kindOf(spec).assign(spec, time_us);
  const grid = new CalendarGrid(spec);
  return (time_us) => grid.assign(time_us);
}

/** How many windows hold a row, at most. */
export const windowsPerRow = (spec: AnyWindowSpec): number => (spec.kind === "calendar" ? partsOf(spec) : kindOf(spec).windowsPerRow(spec));

export const printWindow = (spec: WindowSpec): string => kindOf(spec).print(spec);

/** The end (µs, exclusive) of the slice of each row; values at rows whose time is NULL are arbitrary. */
export const assignSliceEnds = (times: BigInt64Array, rows: number, window: WindowSpec, into: BigInt64Array): void =>
  assignGridEnds(times, rows, sliceLength_us(window), window.offset_us, into);
