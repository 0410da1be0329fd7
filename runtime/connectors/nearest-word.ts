/** The fewest inserts, deletes and replacements that make `b` of `a`. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min((previous[j] as number) + 1, (current[j - 1] as number) + 1, replaced));
    }
    previous = current;
  }
  return previous[b.length] as number;
}

const word_length_max = 64;

/** The known word that a mistyped one most likely meant; null when none is near. */
export function nearestWord(word: string, known: readonly string[]): string | null {
  if (word.length > word_length_max) return null;
  const slips_max = word.length <= 4 ? 1 : word.length <= 8 ? 2 : 3;
  const ranked = known
    .map((candidate) => ({ candidate, slips: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ slips }) => slips <= slips_max)
    .sort((a, b) => a.slips - b.slips);
  return ranked[0]?.candidate ?? null;
}
