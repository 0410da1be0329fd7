/**
 * Connections between the processes of a cluster (design D8): messages as values, so that the whole cluster can also run in one
 * thread under a seed. The real one frames them over TCP (runtime/cluster), the simulated one delays, loses and duplicates them.
 */
export interface Network {
  /** Resolves once both sides have proved that they know the cluster's secret. */
  dial(address: Address, timeout_ms: number): Promise<Connection>;
  /** `accept` hears only of peers that have proved it. */
  listen(address: Address, accept: (connection: Connection) => void): Promise<Listener>;
}

export interface Address {
  readonly host: string;
  /** 0 when listening: any free one. */
  readonly port: number;
}

export interface Listener {
  readonly address: Address;
  close(): Promise<void>;
}

/** A message is what v8's structured clone takes: plain data, bigints, typed arrays, ArrayBuffers. */
export type Message = unknown;

/** Messages arrive whole and in order, or not at all once the connection is closed: a silent partition says nothing (notes/reliability.md). */
export interface Connection {
  /** For logs: the other side's address. */
  readonly peer: string;
  /** Bytes handed over that the other side's machine has not taken yet. */
  readonly queued_bytes: number;
  /**
   * To a closed connection: dropped. The message is encoded before the call returns, except that its ArrayBuffers are not copied: nobody
   * writes into them before the other side has answered to the message.
   */
  send(message: Message): void;
  /** To be called once; messages wait until then. */
  listen(handlers: ConnectionHandlers): void;
  /** The other side hears `closed`; this side does not. */
  close(reason: string): void;
}

export interface ConnectionHandlers {
  message(message: Message): void;
  /** Nothing follows. */
  closed(reason: string): void;
}
