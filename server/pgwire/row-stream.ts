import type { Batch } from "../../runtime/contract/batch.ts";
import type { QueryResult } from "../../runtime/contract/store.ts";
import { rowWriter, type RowWriter } from "./data-rows.ts";
import type { Format } from "./frontend-messages.ts";
import type { Wire } from "./wire.ts";
import { wireLimits } from "./wire-limits.ts";

/** The rows of one result on their way to the client; may stop between any two and go on later. */
export class RowStream {
  readonly result: QueryResult;
  private readonly wire: Wire;
  private readonly formats: readonly Format[];
  private batch: Batch | null = null;
  private write: RowWriter = () => undefined;
  private row = 0;

  constructor(wire: Wire, result: QueryResult, formats: readonly Format[]) {
    this.wire = wire;
    this.result = result;
    this.formats = formats;
  }

  /**
   * Sends up to `rows_max` rows (0 = all); `check` throws when the statement was stopped. Returns how many were sent, and whether
   * the end was reached: like Postgres, not when the last row allowed happens to be the last one.
   */
  async send(rows_max: number, check: () => void): Promise<{ readonly rows: number; readonly ended: boolean }> {
    let sent = 0;
    while (rows_max === 0 || sent < rows_max) {
      const batch = await this.current();
      // After an interrupt the store may end its rows as if they were all.
      check();
      if (batch === null) return { rows: sent, ended: true };
      sent += await this.sendFrom(batch, rows_max === 0 ? batch.rows : rows_max - sent);
    }
    return { rows: sent, ended: false };
  }

  close(): void {
    this.batch = null;
    this.result.close();
  }

  private async current(): Promise<Batch | null> {
    while (this.batch === null || this.row >= this.batch.rows) {
      const batch = await this.result.next();
      if (batch === null) return null;
      this.batch = batch;
      this.row = 0;
      this.write = rowWriter(this.wire.writer, this.result.schema, this.formats, batch);
    }
    return this.batch;
  }

  private async sendFrom(batch: Batch, rows_max: number): Promise<number> {
    const { wire, write } = this;
    const first = this.row;
    const until = Math.min(batch.rows, first + rows_max);
    let row = first;
    while (row < until) {
      while (row < until && wire.writer.at < wireLimits.write_bytes_target) write(row++);
      this.row = row;
      if (wire.writer.at >= wireLimits.write_bytes_target) await wire.flush();
    }
    return until - first;
  }
}
