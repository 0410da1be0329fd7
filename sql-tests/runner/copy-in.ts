import type pg from "pg";

interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** COPY FROM STDIN as drivers do it, its data in pieces. `null` gives up. */
export function copyFrom(client: pg.Client, sql: string, pieces: readonly string[] | null): Promise<string> {
  return new Promise((resolve, reject) => {
    let tag = "";
    const query = {
      submit: (connection: CopyConnection) => connection.query(sql),
      handleCopyInResponse(connection: CopyConnection) {
        if (pieces === null) return connection.sendCopyFail("no more");
        for (const piece of pieces) connection.sendCopyFromChunk(Buffer.from(piece));
        connection.endCopyFrom();
      },
      handleCommandComplete: (message: { readonly text: string }) => (tag = message.text),
      handleError: (error: Error) => reject(error),
      handleReadyForQuery: () => resolve(tag),
    };
    client.query(query as unknown as pg.Submittable);
  });
}
