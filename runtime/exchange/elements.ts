import type { BarrierMode } from "../contract/checkpoints.ts";
import type { Watermark } from "../contract/operator.ts";

/** What travels on a channel beside frames, in order with them. */
export type ControlElement =
  | { readonly kind: "watermark"; readonly watermark: Watermark }
  | { readonly kind: "idle"; readonly idle: boolean }
  | { readonly kind: "barrier"; readonly checkpoint: number; readonly mode: BarrierMode }
  /** No element follows. */
  | { readonly kind: "end" };

export type Barrier = Extract<ControlElement, { readonly kind: "barrier" }>;

/** A frame is sent bare: it is most of what travels. */
export type StreamElement = ArrayBuffer | ControlElement;

export const isFrame = (element: StreamElement): element is ArrayBuffer => element instanceof ArrayBuffer;

/** The receiver is through with this many elements, and gives the buffers of the frames among them back. */
export interface Credits {
  readonly elements: number;
  readonly buffers: readonly ArrayBuffer[];
}
