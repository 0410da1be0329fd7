// The one allocator of the library: free lists by power of two over a bump pointer. Freed blocks are reused, never given
// back: fresh pages cost 2 µs per 4 KB, so memory that was touched once is worth keeping.

/** Throws in JavaScript; never returns. */
declare function outOfMemory(bytes: usize): void;

const smallest_log: i32 = 4;
const freeLists: usize = memory.data(33 * 4, 8);
let top: usize = (__heap_base + 63) & ~63;
let usedBytes: usize = 0;

/** Bytes handed out and not freed, in whole blocks. */
export function memoryUsed(): usize {
  return usedBytes;
}

/** The exponent of the smallest block that holds `bytes`. */
export function blockLog(bytes: usize): i32 {
  const log = bytes <= 1 ? 0 : 32 - clz<u32>(<u32>bytes - 1);
  return log < smallest_log ? smallest_log : log;
}

function bump(bytes: usize): usize {
  const limit: usize = memory.size() >= 65536 ? 0xffffffff : <usize>memory.size() << 16;
  if (bytes > limit - top) {
    const pages = <i32>((bytes - (limit - top) + 65535) >> 16);
    if (memory.grow(pages) < 0) outOfMemory(bytes);
  }
  const pointer = top;
  top += bytes;
  return pointer;
}

/** A block of 2^log bytes, not cleared. */
export function allocateBlock(log: i32): usize {
  usedBytes += <usize>1 << log;
  const list = freeLists + ((<usize>log) << 2);
  const pointer = load<usize>(list);
  if (pointer) {
    store<usize>(list, load<usize>(pointer));
    return pointer;
  }
  return bump(<usize>1 << log);
}

export function freeBlock(pointer: usize, log: i32): void {
  usedBytes -= <usize>1 << log;
  const list = freeLists + ((<usize>log) << 2);
  store<usize>(pointer, load<usize>(list));
  store<usize>(list, pointer);
}

export function allocate(bytes: usize): usize {
  return allocateBlock(blockLog(bytes));
}

export function free(pointer: usize, bytes: usize): void {
  freeBlock(pointer, blockLog(bytes));
}
