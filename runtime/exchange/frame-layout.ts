import { assert } from "../contract/errors.ts";
import { elementOf } from "../contract/rows.ts";
import { type Physical, physicalOf, type Schema, type SqlType } from "../contract/types.ts";

/** One column of a schema, or a child of one, as a frame stores it. Nodes are numbered in preorder: node k has header slot k. */
export interface LayoutNode {
  readonly phys: Physical;
  readonly children: readonly LayoutNode[];
}

export interface FrameLayout {
  readonly columns: readonly LayoutNode[];
  /** Columns and all their descendants. */
  readonly nodes: number;
  /** 32 bits over the tree of physical types: a frame of another layout is refused. */
  readonly fingerprint: number;
  readonly hasLists: boolean;
}

/** Frames start with these 32-bit words, then two words a node: has validity (0 or 1), and bytes (strings) or child rows (lists). */
export const headerWord = { magic: 0, fingerprint: 1, rows: 2, length_bytes: 3, weights: 4, reserved: 5, nodes: 6 } as const;

/** Buffers are reused and may be much larger than what they hold now. */
export const frameLength_bytes = (frame: ArrayBuffer): number =>
  new Int32Array(frame, 0, headerWord.nodes)[headerWord.length_bytes] as number;

export const copyFrame = (frame: ArrayBuffer): ArrayBuffer => frame.slice(0, frameLength_bytes(frame));

/** "MRF" and the version of the layout: a change of the layout takes the next version. */
export const frame_magic = 0x4d524601;

/** Kernels copy strings 16 bytes at a time and may overshoot. */
export const framePadding_bytes = 16;

export const align8 = (bytes: number): number => (bytes + 7) & ~7;

export const header_bytes = (layout: FrameLayout): number => align8((headerWord.nodes + 2 * layout.nodes) * 4);

function nodeOf(type: SqlType): LayoutNode {
  const phys = physicalOf(type);
  if (phys === "list") return { phys, children: [nodeOf(elementOf(type))] };
  if (phys === "struct") {
    assert(type.id === "struct", "only a struct type is stored as a struct");
    return { phys, children: type.fields.map((field) => nodeOf(field.type)) };
  }
  return { phys, children: [] };
}

const countNodes = (nodes: readonly LayoutNode[]): number => nodes.reduce((sum, node) => sum + 1 + countNodes(node.children), 0);

const describe = (nodes: readonly LayoutNode[]): string => nodes.map((node) => `${node.phys}(${describe(node.children)})`).join();

/** FNV-1a, to 32 bits. */
function fingerprintOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}

export function layoutOf(schema: Schema): FrameLayout {
  const columns = schema.columns.map((field) => nodeOf(field.type));
  const text = describe(columns);
  return { columns, nodes: countNodes(columns), fingerprint: fingerprintOf(text), hasLists: text.includes("list(") };
}
