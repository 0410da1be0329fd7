import { resolve } from "node:path";
import type { Batch } from "../../contract/batch.ts";
import type { SinkWriter } from "../../contract/connector.ts";
import type { SinkSpec } from "../../contract/job-graph.ts";
import type { OperatorContext } from "../../contract/operator.ts";
import { csvDialect } from "../../formats/csv-dialect.ts";
import { csvEncoder } from "../../formats/csv-encoder.ts";
import { jsonEncoder } from "../../formats/json-encoder.ts";
import { OptionReader } from "../options.ts";
import { requirePlace } from "./allowed-path.ts";
import { filesystemSinkOptions } from "./descriptor.ts";
import { ParquetPartWriter } from "./parquet-part-writer.ts";
import { type PartWriter, TextPartWriter } from "./part-writer.ts";
import { StagedFiles } from "./staged-files.ts";

/** Exactly-once: a file holds one subtask's rows between two checkpoints and appears when the second completes. */
export class FilesystemWriter implements SinkWriter {
  private readonly context: OperatorContext;
  private readonly directory: string;
  private readonly files: StagedFiles;
  private readonly part: PartWriter;

  constructor(spec: SinkSpec, context: OperatorContext) {
    const options = new OptionReader(filesystemSinkOptions, spec.options);
    this.context = context;
    this.directory = resolve(options.text("path") as string);
    const format = options.text("format") as string;
    this.files = new StagedFiles(this.directory, spec.sink, format, context);
    this.part = partWriter(spec, format, options, this.files.unfinished());
  }

  async open(): Promise<void> {
    this.checkDirectory();
    this.files.prepareDirectory();
    this.checkDirectory();
  }

  write(batch: Batch): void {
    this.context.metrics.add("numRecordsOut", batch.rows);
    this.part.write(batch);
  }

  async prepare(checkpointId: number): Promise<readonly string[]> {
    return (await this.part.finish(this.files.unfinished())) ? [this.files.stage(checkpointId)] : [];
  }

  async commit(committables: readonly string[]): Promise<void> {
    this.checkDirectory();
    this.files.commit(committables);
  }

  async close(): Promise<void> {
    await this.part.close();
  }

  private checkDirectory(): void {
    requirePlace(this.directory, this.context.places);
  }
}

function partWriter(spec: SinkSpec, format: string, options: OptionReader, path: string): PartWriter {
  if (format === "parquet") return new ParquetPartWriter(spec.schema, spec.changelog);
  const encoder =
    format === "csv"
      ? csvEncoder(
          spec.schema,
          csvDialect((name) => options.text(name)),
          spec.changelog,
        )
      : jsonEncoder(spec.schema, spec.changelog);
  return new TextPartWriter(path, encoder);
}
