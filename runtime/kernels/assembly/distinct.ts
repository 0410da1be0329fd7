// DISTINCT: a table of (group, values) rows whose accumulator is [times i64, next u32, previous u32]. The rows of one group are chained
// from the head in the group's own row, so that a group's values can be listed and given up: those with times < 0 too, which were taken
// back before they came.

const next_at: usize = 8;
const previous_at: usize = 12;
const ended: u32 = 0xffffffff;

/** Row numbers with mask 1. */
export function selectMask(mask: usize, rows: i32, selection: usize): i32 {
  let k: i32 = 0;
  for (let i: usize = 0; i < <usize>rows; i++) {
    store<u32>(selection + (<usize>k << 2), <u32>i);
    k += load<u8>(mask + i) ? 1 : 0;
  }
  return k;
}

function link(value: usize, group: usize, offset: usize): void {
  const head = <usize>load<u32>(group);
  store<u32>(value, <u32>head, next_at);
  store<u32>(value, 0, previous_at);
  if (head) store<u32>(head + offset, <u32>(value - offset), previous_at);
  store<u32>(group, <u32>(value - offset));
}

function unlink(value: usize, group: usize, offset: usize): void {
  const next = <usize>load<u32>(value, next_at);
  const previous = <usize>load<u32>(value, previous_at);
  if (next) store<u32>(next + offset, <u32>previous, previous_at);
  if (previous) store<u32>(previous + offset, <u32>next, next_at);
  else store<u32>(group, <u32>next);
}

/**
 * Counts values[i] of groups[i] times[i] more (0: once). signs[i] becomes 1 where the value is new in its group, -1 where it is
 * gone, else 0; rows with mask 0 are left out. `offset`: the accumulator in value rows; `head`: the chain's head in group rows.
 */
export function addDistinct(
  values: usize,
  groups: usize,
  count: i32,
  offset: usize,
  head: usize,
  times: usize,
  mask: usize,
  signs: usize,
): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    store<i32>(signs + (i << 2), 0);
    if (mask && !load<u8>(mask + i)) continue;
    const value = <usize>load<u32>(values + (i << 2)) + offset;
    const group = <usize>load<u32>(groups + (i << 2)) + head;
    const before = load<i64>(value);
    const after = before + (times ? load<i64>(times + (i << 3)) : 1);
    store<i64>(value, after);
    if (before == 0 && after != 0) link(value, group, offset);
    else if (before != 0 && after == 0) unlink(value, group, offset);
    store<i32>(signs + (i << 2), <i32>(after > 0) - <i32>(before > 0));
  }
}

/** Value rows that ended, each once. */
export function endedValues(values: usize, count: i32, offset: usize, mask: usize, into: usize): i32 {
  let k: i32 = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    if (mask && !load<u8>(mask + i)) continue;
    const row = <usize>load<u32>(values + (i << 2));
    if (load<i64>(row + offset) != 0 || load<u32>(row + offset, previous_at) == ended) continue;
    store<u32>(row + offset, ended, previous_at);
    store<u32>(into + (<usize>k << 2), <u32>row);
    k++;
  }
  return k;
}

/** Numbers the values of each group with times >= `least`: group i has [starts[i], ends[i]) of `chainRows`; returns the total. */
export function chainRanges(groups: usize, count: i32, head: usize, offset: usize, least: i64, starts: usize, ends: usize): i32 {
  let total: i32 = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    store<i32>(starts + (i << 2), total);
    let row = <usize>load<u32>(<usize>load<u32>(groups + (i << 2)) + head);
    while (row) {
      total += <i32>(load<i64>(row + offset) >= least);
      row = <usize>load<u32>(row + offset, next_at);
    }
    store<i32>(ends + (i << 2), total);
  }
  return total;
}

/** The value rows of groups with times >= `least`, one group behind the other, and for each its group out of `owners`. */
export function chainRows(
  groups: usize,
  count: i32,
  head: usize,
  offset: usize,
  least: i64,
  owners: usize,
  into: usize,
  intoOwners: usize,
): void {
  let k: usize = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    let row = <usize>load<u32>(<usize>load<u32>(groups + (i << 2)) + head);
    while (row) {
      if (load<i64>(row + offset) >= least) {
        store<u32>(into + (k << 2), <u32>row);
        store<u32>(intoOwners + (k << 2), load<u32>(owners + (i << 2)));
        k++;
      }
      row = <usize>load<u32>(row + offset, next_at);
    }
  }
}

/** A mask of the rows whose sign is not 0, or is at least `least` when that is 1. */
export function signMask(signs: usize, rows: i32, least: i32, mask: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) {
    const sign = load<i32>(signs + (i << 2));
    store<u8>(mask + i, <u8>(least ? sign >= least : sign != 0));
  }
}
