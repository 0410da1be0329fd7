/** How a plan is drawn: the lines of a node and what it reads. */
export interface Drawing<N> {
  readonly lines: (node: N) => readonly string[];
  readonly inputs: (node: N) => readonly N[];
}

/**
 * A plan as text, each input indented below its reader. A node with several readers is drawn at the first
 * and named there (`[1]`); the others show its name.
 */
export function tree<N extends object>(root: N, drawing: Drawing<N>): string {
  const readers = countReaders(root, drawing);
  const numbers = new Map<N, number>();
  const lines: string[] = [];
  const draw = (node: N, first: string, rest: string): void => {
    const known = numbers.get(node);
    if (known !== undefined) {
      lines.push(`${first}[${known}], as above`);
      return;
    }
    const isShared = (readers.get(node) ?? 0) > 1;
    if (isShared) numbers.set(node, numbers.size + 1);
    const [title = "", ...details] = drawing.lines(node);
    lines.push(`${first}${title}${isShared ? `  [${numbers.get(node)}]` : ""}`);
    const inputs = drawing.inputs(node);
    for (const detail of details) lines.push(`${rest}${inputs.length > 0 ? "│  " : "   "}${detail}`);
    inputs.forEach((input, i) => {
      const isLast = i === inputs.length - 1;
      draw(input, `${rest}${isLast ? "└─ " : "├─ "}`, `${rest}${isLast ? "   " : "│  "}`);
    });
  };
  draw(root, "", "");
  return lines.map((line) => line.trimEnd()).join("\n");
}

export function countReaders<N extends object>(root: N, drawing: Pick<Drawing<N>, "inputs">): ReadonlyMap<N, number> {
  const readers = new Map<N, number>();
  const visit = (node: N): void => {
    for (const input of drawing.inputs(node)) {
      const seen = readers.get(input) ?? 0;
      readers.set(input, seen + 1);
      if (seen === 0) visit(input);
    }
  };
  visit(root);
  return readers;
}
