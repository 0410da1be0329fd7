/** A fenced block of a Markdown file: ```sql run or ```sql refused. */
export interface SqlBlock {
  readonly kind: "run" | "refused";
  /** The heading above it, for the test's name. */
  readonly heading: string;
  /** Line of the fence, from 1. */
  readonly line: number;
  readonly sql: string;
}

const fence = /^```sql (run|refused)$/;

/** The marked blocks of a Markdown text, in order. */
export function sqlBlocks(markdown: string): readonly SqlBlock[] {
  const blocks: SqlBlock[] = [];
  const lines = markdown.split("\n");
  let heading = "";
  for (let i = 0; i < lines.length; i++) {
    heading = /^#+ (.*)$/.exec(lines[i] ?? "")?.[1] ?? heading;
    const kind = fence.exec(lines[i] ?? "")?.[1];
    if (kind === undefined) continue;
    const end = lines.indexOf("```", i);
    blocks.push({ kind: kind as SqlBlock["kind"], heading, line: i + 1, sql: lines.slice(i + 1, end).join("\n") });
    i = end;
  }
  return blocks;
}
