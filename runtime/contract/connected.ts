import type { Store, StoreConnection } from "./store.ts";

/** Does something on a connection of its own, which is closed whatever comes of it. */
export async function connected<T>(store: Store, work: (connection: StoreConnection) => Promise<T>): Promise<T> {
  const connection = await store.connect();
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}
