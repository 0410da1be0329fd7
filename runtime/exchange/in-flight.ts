import type { Watermark } from "../contract/operator.ts";
import type { RowsInFlight } from "../contract/rpc.ts";
import { isFrame, type StreamElement } from "./elements.ts";
import { copyFrame } from "./frame-layout.ts";

/** Copies the rows of elements that a barrier overtakes: the elements themselves travel on. */
export class InFlightCopy {
  readonly rows: RowsInFlight[] = [];
  private watermark: Watermark | null = null;

  add(element: StreamElement): void {
    if (isFrame(element)) this.rows.push({ watermark: this.watermark, frame: copyFrame(element) });
    else if (element.kind === "watermark") this.watermark = element.watermark;
  }
}
