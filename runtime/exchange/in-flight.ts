import type { Watermark } from "../contract/operator.ts";
import type { RowsInFlight } from "../contract/rpc.ts";
import { isFrame, type StreamElement } from "./elements.ts";
import { headerWord } from "./frame-layout.ts";

/** Copies the rows of elements that a barrier overtakes: the elements themselves travel on. */
export class InFlightCopy {
  readonly rows: RowsInFlight[] = [];
  private watermark: Watermark | null = null;

  add(element: StreamElement): void {
    if (isFrame(element)) this.rows.push({ watermark: this.watermark, frame: copyFrame(element) });
    else if (element.kind === "watermark") this.watermark = element.watermark;
  }
}

/** Buffers are larger than what they hold: only that is copied. */
function copyFrame(frame: ArrayBuffer): ArrayBuffer {
  const length_bytes = new Int32Array(frame, 0, headerWord.nodes)[headerWord.length_bytes] as number;
  return frame.slice(0, length_bytes);
}
