import type { Physical, Schema } from "../../contract/types.ts";
import { type LayoutNode, layoutOf } from "../../exchange/frame-layout.ts";
import { F64Slots, I32Slots, I64Slots, I128Slots, IntervalSlots, U8Slots } from "./fixed-slots.ts";
import { BytesSlots, ListSlots, StructSlots } from "./nested-slots.ts";
import type { SlotColumn } from "./slot-column.ts";

const makers = {
  u8: () => new U8Slots(),
  i32: () => new I32Slots(),
  i64: () => new I64Slots(),
  i128: () => new I128Slots(),
  f64: () => new F64Slots(),
  bytes: () => new BytesSlots(),
  interval: () => new IntervalSlots(),
  list: (node) => new ListSlots(node),
  struct: (node) => new StructSlots(node.children.map(makeSlots)),
} satisfies Readonly<Record<Physical, (node: LayoutNode) => SlotColumn>>;

function makeSlots(node: LayoutNode): SlotColumn {
  return makers[node.phys](node);
}

export const slotColumnsOf = (schema: Schema): readonly SlotColumn[] => layoutOf(schema).columns.map(makeSlots);
