/*
 * A feature in short, from which an .slt file is made: tables, views that are maintained over them, and changes, after each of which
 * every view is read; and questions asked once. PostgreSQL fills in the answers.
 *
 *   @setup              statements, one a line
 *   @views              <name> <types> <query>, one a line
 *   @changes            statements, one a line; may come several times
 *   @queries            <types> <query>, one a line
 *   @errors             statements that fail, one a line
 */
export function sltOf(name: string, feature: string): string {
  const views: { readonly name: string; readonly types: string }[] = [];
  const blocks = [`# ${name}: made from features/${name}.sql; the answers are PostgreSQL's.`];
  const readAll = (): void => {
    blocks.push("statement ok\nFLUSH");
    for (const view of views) blocks.push(`query ${view.types} rowsort\nSELECT * FROM ${view.name}\n----`);
  };
  for (const { title, lines } of sections(feature)) {
    for (const line of lines) {
      if (title === "setup" || title === "changes") blocks.push(`statement ok\n${line}`);
      else if (title === "errors") blocks.push(`statement error\n${line}`);
      else if (title === "views") {
        const [view = "", types = "", ...query] = line.split(" ");
        views.push({ name: view, types });
        blocks.push(`statement ok\nCREATE MATERIALIZED VIEW ${view} AS ${query.join(" ")}`);
      } else if (title === "queries") {
        const [types = "", ...query] = line.split(" ");
        blocks.push(`query ${types} rowsort\n${query.join(" ")}\n----`);
      } else throw new Error(`no such section: @${title}`);
    }
    if (title === "views" || title === "changes") readAll();
  }
  return `${blocks.join("\n\n")}\n`;
}

function sections(feature: string): readonly { readonly title: string; readonly lines: string[] }[] {
  const found: { readonly title: string; readonly lines: string[] }[] = [];
  for (const line of feature.split("\n")) {
    if (line.startsWith("@")) found.push({ title: line.slice(1).trim(), lines: [] });
    else if (line.trim() !== "" && !line.startsWith("--")) found.at(-1)?.lines.push(line.trim());
  }
  return found;
}
