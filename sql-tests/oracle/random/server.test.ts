import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../../runner/server.ts";
import { type RoundOutcome, ServerRound } from "./server-round.ts";

/** Random cases through a server process: the long form is `npm run fuzz -- --server --cases N --seed S`. */
const queries = 5;
const cases = Number(process.env["FUZZ_CASES"] ?? queries);
const seed = Number(process.env["FUZZ_SEED"] ?? 3);
const isLong = process.env["FUZZ_CASES"] !== undefined;

const dataDirectory = temporaryDirectory();
let server: ServerProcess | null = null;
beforeAll(async () => {
  server = await startServer({ dataDirectory, flags: ["--slots", "8"] });
}, 100_000);
afterAll(async () => {
  await server?.stop();
  removeDirectory(dataDirectory);
});

const text = (at: number, { differences, script }: RoundOutcome): string =>
  differences.length === 0 ? "" : [`round ${at}:`, ...differences.slice(0, 20), ...script].join("\n");

describe("materialized views of a server that is killed", () => {
  it("equal what it answers to their queries", { timeout: 3_600_000 }, async () => {
    if (server === null) throw new Error("invariant: the server runs");
    let living = server;
    const total = { equal: 0, refused: 0, invalid: 0 };
    for (let at = seed; total.equal + total.refused + total.invalid < cases; at++) {
      const round = new ServerRound(at, living, dataDirectory);
      const outcome = await round.run(queries).finally(() => (server = living = round.server));
      for (const kind of ["equal", "refused", "invalid"] as const) total[kind] += outcome[kind];
      if (isLong) process.stdout.write(`${text(at, outcome)}round ${at}: ${JSON.stringify(total)}\n`);
      expect(text(at, outcome)).toBe("");
    }
    expect(total.equal).toBeGreaterThan(cases * 0.5);
  });
});
