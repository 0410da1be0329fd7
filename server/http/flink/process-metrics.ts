import type { ProcessUsage, TaskManagerInfo } from "../../../runtime/contract/control.ts";
import type { Metrics } from "./metric-queries.ts";

/** A process's memory under the names that Flink gives a JVM's. What V8 does not have (metaspace, mapped files) is not listed. */
export const processMetrics = ({
  heapUsed_bytes,
  heapTotal_bytes,
  heapLimit_bytes,
  external_bytes,
  resident_bytes,
  collections,
}: ProcessUsage): Metrics => ({
  "Status.JVM.Memory.Heap.Used": heapUsed_bytes,
  "Status.JVM.Memory.Heap.Committed": heapTotal_bytes,
  "Status.JVM.Memory.Heap.Max": heapLimit_bytes,
  "Status.JVM.Memory.NonHeap.Used": nonHeap_bytes({ resident_bytes, heapTotal_bytes }),
  "Status.JVM.Memory.NonHeap.Committed": nonHeap_bytes({ resident_bytes, heapTotal_bytes }),
  "Status.JVM.Memory.NonHeap.Max": -1,
  "Status.JVM.Memory.Direct.MemoryUsed": external_bytes,
  "Status.JVM.Memory.Direct.TotalCapacity": external_bytes,
  ...Object.fromEntries(
    collections.flatMap(({ name, count, time_ms }) => [
      [`Status.JVM.GarbageCollector.${name}.Count`, count],
      [`Status.JVM.GarbageCollector.${name}.Time`, time_ms],
    ]),
  ),
});

export const nonHeap_bytes = ({ resident_bytes, heapTotal_bytes }: Pick<ProcessUsage, "resident_bytes" | "heapTotal_bytes">): number =>
  Math.max(0, resident_bytes - heapTotal_bytes);

export const clusterMetrics = (taskManagers: readonly TaskManagerInfo[], running: number): Metrics => {
  const slots = taskManagers.flatMap((taskManager) => taskManager.slots);
  return {
    numRegisteredTaskManagers: taskManagers.length,
    numRunningJobs: running,
    taskSlotsAvailable: slots.filter(({ state }) => state === "free").length,
    taskSlotsTotal: slots.length,
  };
};
