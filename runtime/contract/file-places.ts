/** Where files that statements name may lie. */
export interface FilePlaces {
  /** Within these directories; empty = anywhere. */
  readonly allowed: readonly string[];
  /** Never within these: they are the server's own. */
  readonly own: readonly string[];
}

export const anywhere: FilePlaces = { allowed: [], own: [] };
