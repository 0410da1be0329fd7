// Rows of a batch to slices. A run is a stretch of rows of one slice: rows in time order make few.

/** End of the slice of `time`: the least grid point above it. The grid is offset + k * size. */
@inline function sliceEnd(time: i64, size: i64, offset: i64): i64 {
  let rest = (time - offset) % size;
  if (rest < 0) rest += size;
  return time - rest + size;
}

/** Runs of equal slice; `size` 0: the times are the slices' ends already. Returns how many; run r starts at row from[r]. */
export function sliceRuns(times: usize, rows: i32, size: i64, offset: i64, ends: usize, from: usize): i32 {
  let runs: usize = 0;
  let end: i64 = 0;
  let start: i64 = 0;
  for (let i: usize = 0; i < <usize>rows; i++) {
    const time = load<i64>(times + (i << 3));
    if (runs != 0 && (size ? time >= start && time < end : time == end)) continue;
    end = size ? sliceEnd(time, size, offset) : time;
    start = end - size;
    store<i64>(ends + (runs << 3), end);
    store<u32>(from + (runs << 2), <u32>i);
    runs++;
  }
  return <i32>runs;
}

/** Numbers the distinct ends of runs: numbers[r] for each run, the ends to `distinct`. `slots` has room for 4 * runs u32, cleared. */
export function numberSlices(ends: usize, runs: i32, slots: usize, slotMask: u32, numbers: usize, distinct: usize): i32 {
  let count: u32 = 0;
  for (let r: usize = 0; r < <usize>runs; r++) {
    const end = load<i64>(ends + (r << 3));
    let p = <u32>((<u64>end * 0x9e3779b97f4a7c15) >> 40) & slotMask;
    while (true) {
      const number = load<u32>(slots + (<usize>p << 2));
      if (!number) {
        store<i64>(distinct + (<usize>count << 3), end);
        store<u32>(slots + (<usize>p << 2), ++count);
        store<u32>(numbers + (r << 2), count - 1);
        break;
      }
      if (load<i64>(distinct + (<usize>(number - 1) << 3)) == end) {
        store<u32>(numbers + (r << 2), number - 1);
        break;
      }
      p = (p + 1) & slotMask;
    }
  }
  return <i32>count;
}

/** Row numbers by slice: slice s has selection[starts[s], starts[s + 1]). `starts` has count + 1 cleared cells. */
export function selectSlices(from: usize, numbers: usize, runs: i32, rows: i32, count: i32, starts: usize, selection: usize): void {
  for (let r: usize = 0; r < <usize>runs; r++) {
    const end = r + 1 < <usize>runs ? load<u32>(from + ((r + 1) << 2)) : <u32>rows;
    const cell = starts + ((<usize>load<u32>(numbers + (r << 2)) + 1) << 2);
    store<u32>(cell, load<u32>(cell) + end - load<u32>(from + (r << 2)));
  }
  for (let s: usize = 1; s <= <usize>count; s++) store<u32>(starts + (s << 2), load<u32>(starts + (s << 2)) + load<u32>(starts + ((s - 1) << 2)));
  for (let r: usize = <usize>runs; r > 0; r--) {
    const begin = load<u32>(from + ((r - 1) << 2));
    let i = r < <usize>runs ? load<u32>(from + (r << 2)) : <u32>rows;
    const cell = starts + ((<usize>load<u32>(numbers + ((r - 1) << 2)) + 1) << 2);
    let at = load<u32>(cell);
    // Filled from the back, so that rows of a slice stay in their order.
    while (i > begin) store<u32>(selection + (<usize>(--at) << 2), --i);
    store<u32>(cell, at);
  }
  // Each cell was moved down to its slice's start; shift them into place.
  for (let s: usize = 0; s < <usize>count; s++) store<u32>(starts + (s << 2), load<u32>(starts + ((s + 1) << 2)));
  store<u32>(starts + (<usize>count << 2), <u32>rows);
}
