import type { CheckpointInfo, RestoreInfo } from "../contract/checkpoints.ts";
import type { JobFault, RescaleInfo } from "../contract/control.ts";

const checkpoints_max = 100;
const exceptions_max = 100;
const rescales_max = 100;

/** What a job remembers of its past: the newest checkpoints and faults, newest last. */
export class JobHistory {
  #checkpoints: CheckpointInfo[] = [];
  #exceptions: JobFault[] = [];
  #rescales: readonly RescaleInfo[] = [];
  #lastRestore: RestoreInfo | null = null;
  #restores = 0;

  get checkpoints(): readonly CheckpointInfo[] {
    return this.#checkpoints;
  }

  get rescales(): readonly RescaleInfo[] {
    return this.#rescales;
  }

  get exceptions(): readonly JobFault[] {
    return this.#exceptions;
  }

  get lastCompleted(): CheckpointInfo | null {
    return this.#checkpoints.findLast((info) => info.status === "COMPLETED") ?? null;
  }

  get lastRestore(): RestoreInfo | null {
    return this.#lastRestore;
  }

  get restores(): number {
    return this.#restores;
  }

  restored(restore: RestoreInfo): void {
    this.#lastRestore = restore;
    this.#restores += 1;
  }

  /** What the store knows of earlier runs. */
  load(checkpoints: readonly CheckpointInfo[], exceptions: readonly JobFault[]): void {
    this.#checkpoints = checkpoints.slice(-checkpoints_max);
    this.#exceptions = exceptions.slice(-exceptions_max);
  }

  /** Adds a checkpoint, or replaces what was known of it. */
  checkpoint(info: CheckpointInfo): void {
    this.#checkpoints = [...this.#checkpoints.filter(({ id }) => id !== info.id), info].slice(-checkpoints_max);
  }

  rescaled(info: RescaleInfo): void {
    this.#rescales = [...this.#rescales, info].slice(-rescales_max);
  }

  exception(fault: JobFault): void {
    this.#exceptions = [...this.#exceptions, fault].slice(-exceptions_max);
  }
}
