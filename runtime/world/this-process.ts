import { availableParallelism, hostname, totalmem } from "node:os";
import v8 from "node:v8";
import type { ProcessUsage } from "../contract/control.ts";
import { garbageCollections } from "./garbage-collections.ts";

/** What a TaskManager says of the process and the machine that it is. */
export const thisProcess = {
  host: hostname(),
  pid: process.pid,
  cpuCores: availableParallelism(),
  memory_bytes: totalmem(),
} as const;

/** The heap is the main thread's. */
export function usageOfThisProcess(): ProcessUsage {
  const { heapUsed, heapTotal, rss, external } = process.memoryUsage();
  return {
    heapUsed_bytes: heapUsed,
    heapTotal_bytes: heapTotal,
    heapLimit_bytes: v8.getHeapStatistics().heap_size_limit,
    external_bytes: external,
    resident_bytes: rss,
    collections: garbageCollections(),
  };
}
