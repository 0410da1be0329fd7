import type { Store } from "../contract/store.ts";
import type { World } from "../contract/world.ts";
import type { LeaderToken } from "./messages.ts";
import { randomToken } from "../contract/random-token.ts";

/** Makes this start of the server the newest leader of the store's cluster. Committed before anybody is told. */
export function claimLeadership(store: Store, world: World): Promise<LeaderToken> {
  return store.transact(async (transaction) => {
    await transaction.run("CREATE TABLE IF NOT EXISTS millrace.leader (cluster VARCHAR NOT NULL, epoch BIGINT NOT NULL)");
    const [row] = await (await transaction.query("SELECT cluster, epoch FROM millrace.leader")).rows();
    const token: LeaderToken =
      row === undefined ? { cluster: randomToken(world), epoch: 1 } : { cluster: String(row[0]), epoch: Number(row[1]) + 1 };
    await transaction.run("DELETE FROM millrace.leader");
    await transaction.run("INSERT INTO millrace.leader VALUES (?, ?)", [token.cluster, BigInt(token.epoch)]);
    return token;
  });
}
