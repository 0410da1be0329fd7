import type { Batch } from "../contract/batch.ts";
import type { Output, Watermark } from "../contract/operator.ts";
import type { ControlElement } from "./elements.ts";
import type { OutChannel } from "./out-channel.ts";
import type { Router } from "./router.ts";

/** The sending side of one edge: rows by its router, control elements to every channel. */
export class EdgeOutput implements Output {
  readonly channels: readonly OutChannel[];
  private readonly route: Router;
  private isIdle = false;
  private sent: Watermark | null = null;

  constructor(channels: readonly OutChannel[], route: Router) {
    this.channels = channels;
    this.route = route;
  }

  batch(batch: Batch): void {
    if (batch.rows > 0) this.route(batch);
  }

  watermark(watermark: Watermark): void {
    if (this.sent !== null && watermark <= this.sent) return;
    this.sent = watermark;
    this.control({ kind: "watermark", watermark });
  }

  idle(idle: boolean): void {
    if (idle === this.isIdle) return;
    this.isIdle = idle;
    this.control({ kind: "idle", idle });
  }

  /** The last watermark sent; null before the first. */
  get lastWatermark(): Watermark | null {
    return this.sent;
  }

  control(element: ControlElement): void {
    for (const channel of this.channels) channel.control(element);
  }
}
