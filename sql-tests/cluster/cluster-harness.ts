import type { ServerProcess } from "../runner/server.ts";

/** Bids of Nexmark, the same ones however fast they come; every 50 events hold 46. */
export const bidsSource = (name: string, events: number, rate: number): string =>
  `CREATE SOURCE ${name} (WATERMARK FOR date_time AS date_time - INTERVAL '1' SECOND)
     WITH (connector = 'nexmark', table = 'bid', events = '${events}', rate = '${rate}')`;

export const bidCounts = (source: string): string =>
  `SELECT auction, window_start, count(*) AS bids, max(price) AS highest
     FROM TUMBLE(${source}, date_time, INTERVAL '1' SECOND) GROUP BY auction, window_start`;

/** Rows of either job's table that the other does not have, as a bag. */
export async function difference(server: ServerProcess, a: string, b: string): Promise<number> {
  const [row] = await server.query(
    `SELECT count(*) AS n FROM ((SELECT * FROM ${a} EXCEPT ALL SELECT * FROM ${b}) UNION ALL (SELECT * FROM ${b} EXCEPT ALL SELECT * FROM ${a})) d`,
  );
  return Number(row?.["n"]);
}

/** Resolves once so many TaskManagers have registered. */
export const taskManagersCame = (server: ServerProcess, count: number): Promise<void> =>
  until(
    `${count} TaskManagers`,
    async () => (await server.query("SELECT DISTINCT taskmanager FROM millrace.slots")).length >= count,
    server,
  );

/** Resolves once the condition holds; throws with the server's log when it does not. */
export async function until(what: string, condition: () => Promise<boolean> | boolean, server: ServerProcess): Promise<void> {
  const deadline_ms = Date.now() + wait_ms_max;
  while (!(await condition())) {
    if (Date.now() > deadline_ms) throw new Error(`waited in vain for ${what}:\n${server.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Long enough for processes to start on a machine that is busy with other things. */
const wait_ms_max = 90_000;
