import type { Batch, Column } from "../contract/batch.ts";
import { makeColumnBuilder } from "./batch-builder.ts";
import type { FrameLayout, LayoutNode } from "./frame-layout.ts";

/** Whether a column holds a list anywhere, whose children may lie scattered. */
const holdsList = (node: LayoutNode): boolean => node.phys === "list" || node.children.some(holdsList);

/** The batch with every list compact: value i ends where value i + 1 starts, from 0, and NULL is empty. Other columns are as they were. */
export function compactLists(layout: FrameLayout, batch: Batch): Batch {
  if (!layout.hasLists) return batch;
  const columns = batch.columns.map((column, c) => {
    const node = layout.columns[c] as LayoutNode;
    return holdsList(node) ? gathered(node, column, batch.rows) : column;
  });
  return { rows: batch.rows, columns, weights: batch.weights };
}

function gathered(node: LayoutNode, column: Column, rows: number): Column {
  const builder = makeColumnBuilder(node);
  builder.append(column, { selection: null, from: 0, to: rows });
  return builder.build();
}
