import { AggregateTable } from "../../state/aggregate-table.ts";
import type { SliceLayout } from "./layout.ts";

/** One open slice: the groups of its rows. */
export interface Slice {
  readonly end: bigint;
  readonly table: AggregateTable;
}

/** The open slices, ordered by end. */
export class Slices {
  private readonly layout: SliceLayout;
  private readonly byEnd = new Map<bigint, Slice>();
  private readonly order: Slice[] = [];
  /** Groups of the slice that closed last: the next ones will have about as many. */
  private expected = 0;

  constructor(layout: SliceLayout) {
    this.layout = layout;
  }

  get ordered(): readonly Slice[] {
    return this.order;
  }

  get first(): Slice | null {
    return this.order[0] ?? null;
  }

  /** Groups in all slices. */
  get groups(): number {
    return this.order.reduce((groups, slice) => groups + slice.table.size, 0);
  }

  /** The slice, opened if need be. */
  open(end: bigint): Slice {
    const known = this.byEnd.get(end);
    if (known !== undefined) return known;
    const slice = { end, table: new AggregateTable(this.layout, this.expected) };
    this.byEnd.set(end, slice);
    let at = this.order.length;
    while (at > 0 && (this.order[at - 1] as Slice).end > end) at--;
    this.order.splice(at, 0, slice);
    return slice;
  }

  /** Slices whose ends lie in (after, upTo]. */
  between(after: bigint, upTo: bigint): readonly Slice[] {
    return this.order.filter((slice) => slice.end > after && slice.end <= upTo);
  }

  /** Forgets slices, all or those that `ended` says; their tables are the caller's to free. */
  take(ended: (slice: Slice) => boolean = () => true): readonly Slice[] {
    const taken = this.order.filter(ended);
    for (const slice of taken) this.remove(slice);
    return taken;
  }

  /** Forgets the slice; its table is the caller's to free. */
  remove(slice: Slice): void {
    this.expected = slice.table.size;
    this.byEnd.delete(slice.end);
    this.order.splice(this.order.indexOf(slice), 1);
  }
}
