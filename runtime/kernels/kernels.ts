import { readFileSync } from "node:fs";
import { TaskFailure } from "../contract/errors.ts";
import type { KernelExports } from "./exports.ts";
import { StagingArea } from "./staging.ts";

/** An address in the library's linear memory, unsigned. 0 is "none". */
export type Pointer = number;

/** Typed views over the whole linear memory: `i64[pointer >>> 3]`. */
export interface Heap {
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly i64: BigInt64Array;
  readonly f64: Float64Array;
}

/** The library of one thread: its functions, its memory, and the area where batches are copied in. */
export interface Kernels {
  readonly run: KernelExports;
  /** Views of the memory; read it anew after any kernel that may allocate (a grown memory has new views). */
  readonly heap: () => Heap;
  readonly staging: StagingArea;
}

const page_bytes = 65_536;
/** One page below 4 GB: an array of 2^32 bytes is one more than a typed array may have. */
const pages_max = 65_535;
const pages_min = 256;

/**
 * Address space is reserved whole at the start, as growing costs milliseconds and detaches every view; pages take real memory
 * only when they are touched. Where the system refuses to reserve that much, the memory starts small and grows.
 */
function reserveMemory(): WebAssembly.Memory {
  for (const initial of [pages_max, pages_max >> 2]) {
    try {
      return new WebAssembly.Memory({ initial, maximum: 65_536 });
    } catch {
      // A smaller reservation may still succeed.
    }
  }
  return new WebAssembly.Memory({ initial: pages_min, maximum: 65_536 });
}

function views(buffer: ArrayBuffer): Heap {
  return {
    u8: new Uint8Array(buffer),
    i32: new Int32Array(buffer),
    u32: new Uint32Array(buffer),
    i64: new BigInt64Array(buffer),
    f64: new Float64Array(buffer),
  };
}

function outOfMemory(bytes: number): never {
  throw new TaskFailure(
    "user",
    "fail",
    `the state of one slot exceeds ${(pages_max * page_bytes) >>> 20} MB (another ${bytes >>> 0} bytes asked)`,
    {
      sqlState: "53000",
    },
  );
}

function instantiate(): Kernels {
  const module = new WebAssembly.Module(readFileSync(new URL("./kernels.wasm", import.meta.url)));
  const memory = reserveMemory();
  const imports = { env: { memory, abort: outOfMemory }, memory: { outOfMemory } };
  const run = new WebAssembly.Instance(module, imports).exports as unknown as KernelExports;
  let heap = views(memory.buffer);
  const currentHeap = (): Heap => {
    if (heap.u8.buffer !== memory.buffer) heap = views(memory.buffer);
    return heap;
  };
  return { run, heap: currentHeap, staging: new StagingArea(run) };
}

let ofThread: Kernels | null = null;

/** The thread's library; compiled and instantiated at first use (about 2 ms). */
export function kernels(): Kernels {
  ofThread ??= instantiate();
  return ofThread;
}
