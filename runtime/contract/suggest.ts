/** Damerau's distance (a swap of neighbours counts once), ignoring case. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

const suggested_length_max = 64;

/**
 * The candidate that a mistyped word most likely meant, or undefined when none is near:
 * one slip for words up to four letters, two up to eight, three beyond. The first of equally near ones wins.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length < 2 || word.length > suggested_length_max) return undefined;
  const typed = word.toLowerCase();
  let nearest: string | undefined;
  let slips = (word.length <= 4 ? 1 : word.length <= 8 ? 2 : 3) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= slips) continue;
    const found = distance(typed, candidate.toLowerCase());
    if (found >= slips || found >= candidate.length) continue;
    nearest = candidate;
    slips = found;
  }
  return nearest;
}
