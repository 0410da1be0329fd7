import { availableParallelism, hostname, totalmem } from "node:os";
import type { ProcessUsage } from "../contract/control.ts";

/** What a TaskManager says of the process and the machine that it is. */
export const thisProcess = {
  host: hostname(),
  pid: process.pid,
  cpuCores: availableParallelism(),
  memory_bytes: totalmem(),
} as const;

/** The heap is the main thread's. */
export function usageOfThisProcess(): ProcessUsage {
  const { heapUsed, heapTotal, rss } = process.memoryUsage();
  return { heapUsed_bytes: heapUsed, heapTotal_bytes: heapTotal, resident_bytes: rss };
}
