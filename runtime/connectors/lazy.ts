import type { ReadResult, SinkWriter, SourceReader, SplitPosition } from "../contract/connector.ts";
import type { Batch } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";

/** A reader whose code is loaded when it opens: the registry stays cheap to import. */
export function lazyReader(load: () => Promise<SourceReader>): SourceReader {
  let reader: SourceReader | null = null;
  const opened = (): SourceReader => {
    assert(reader !== null, "a reader is opened before it is used");
    return reader;
  };
  return {
    async open(restored: readonly SplitPosition[]) {
      reader = await load();
      await reader.open(restored);
    },
    read: (): ReadResult | Promise<ReadResult> => opened().read(),
    positions: () => opened().positions(),
    originOf: (row) => opened().originOf?.(row) ?? null,
    metadata(key, rows) {
      const column = opened().metadata?.(key, rows);
      assert(column !== undefined, "only readers with metadata are asked for it");
      return column;
    },
    close: async () => reader?.close(),
  };
}

/** The same for a writer. What a restored checkpoint had prepared may be committed before `open`. */
export function lazyWriter(load: () => Promise<SinkWriter>): SinkWriter {
  let loading: Promise<SinkWriter> | null = null;
  let writer: SinkWriter | null = null;
  const loaded = async (): Promise<SinkWriter> => {
    loading ??= load();
    writer = await loading;
    return writer;
  };
  const opened = (): SinkWriter => {
    assert(writer !== null, "a writer is opened before it is used");
    return writer;
  };
  return {
    open: async () => (await loaded()).open(),
    write: (batch: Batch) => opened().write(batch),
    prepare: (checkpointId) => opened().prepare(checkpointId),
    commit: async (committables) => (await loaded()).commit(committables),
    close: async () => writer?.close(),
  };
}
