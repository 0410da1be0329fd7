import type { Clock } from "../contract/world.ts";
import type { StepResult } from "./mailbox.ts";

/**
 * Pieces of a snapshot and batches take turns, in equal time: behind a fast operator a batch waits for one piece, and behind a slow one
 * the snapshot does not wait for a batch per piece.
 */
export class PieceTurns {
  readonly #clock: Clock;
  /** Pieces follow each other until then. */
  #piecesUntil_ms = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A piece was written: processes the next batch if it is its turn. */
  afterPiece(process: () => StepResult | Promise<StepResult>): StepResult | Promise<StepResult> {
    const start_ms = this.#clock.monotonic_ms();
    if (start_ms < this.#piecesUntil_ms) return "worked";
    const result = process();
    if (typeof result !== "string") return result.then((done) => this.#processed(start_ms, done));
    return this.#processed(start_ms, result);
  }

  /** There may be another piece, whatever there is to process. */
  #processed(start_ms: number, result: StepResult): StepResult {
    const end_ms = this.#clock.monotonic_ms();
    if (result === "worked") this.#piecesUntil_ms = end_ms + (end_ms - start_ms);
    return "worked";
  }
}
