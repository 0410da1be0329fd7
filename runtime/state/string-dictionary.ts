import { kernels, type Pointer } from "../kernels/kernels.ts";

const collect_entries_min = 1_024;

/** Long strings of key words, by reference count (assembly/dictionary.ts). Entries that no row refers to go when it has doubled. */
export class StringDictionary {
  readonly pointer: Pointer = kernels().run.dictionaryCreate() >>> 0;
  private collectAbove = collect_entries_min;

  /** Call before a batch's words are made: words that are not yet in a row do not hold their entries. */
  collect(): void {
    const { run } = kernels();
    if (run.dictionarySize(this.pointer) <= this.collectAbove) return;
    run.dictionaryCollect(this.pointer);
    this.collectAbove = 2 * run.dictionarySize(this.pointer) + collect_entries_min;
  }

  free(): void {
    kernels().run.dictionaryFree(this.pointer);
  }
}
