import type { JoinSpec } from "../../runtime/contract/job-graph.ts";
import { appendOnly, type Traits } from "./nodes.ts";

type Keys = readonly (readonly number[])[];

/**
 * What is known of a join's rows. They come whenever their last part does: no watermark speaks of them, and columns that were
 * a window's bounds are ordinary values now.
 */
export function joinTraits(spec: JoinSpec, left: Traits, right: Traits, leftWidth: number, exchanged: readonly number[]): Traits {
  const { kind } = spec;
  const onlyAdds = (kind === "inner" || kind === "semi") && !spec.leftChangelog && !spec.rightChangelog;
  const keepsLeft = kind !== "right" && kind !== "full";
  return {
    ...appendOnly,
    isChangelog: !onlyAdds,
    uniqueKeys: uniqueKeysOf(spec, left.uniqueKeys, right.uniqueKeys, leftWidth),
    distribution: exchanged.length === 0 ? { kind: "single" } : keepsLeft ? { kind: "hash", keys: exchanged } : { kind: "any" },
  };
}

function uniqueKeysOf(spec: JoinSpec, left: Keys, right: Keys, leftWidth: number): Keys {
  const { kind } = spec;
  if (kind === "semi" || kind === "anti" || kind === "mark" || kind === "single") return left;
  const shifted = right.map((key) => key.map((c) => c + leftWidth));
  // A key within the join's keys says that a row of the other side matches at most one row.
  const isOne = (keys: Keys, joined: readonly number[]): boolean => keys.some((key) => key.every((c) => joined.includes(c)));
  const ofLeft = (kind === "inner" || kind === "left") && isOne(right, spec.rightKeys) ? left : [];
  const ofRight = (kind === "inner" || kind === "right") && isOne(left, spec.leftKeys) ? shifted : [];
  if (ofLeft.length + ofRight.length > 0) return [...ofLeft, ...ofRight];
  return left.flatMap((l) => shifted.map((r) => [...l, ...r]));
}
