import v8 from "node:v8";

/**
 * From Node 22 on, V8's middle tier keeps small BigInt kernels slow for some 10,000 calls (measured: 825 to 30 M rows/s);
 * without it they are as fast as in Node 20. To be called before any worker starts: V8's flags are the process's.
 */
export function avoidMaglev(): void {
  const [major] = process.versions.node.split(".");
  if (Number(major) >= 22) v8.setFlagsFromString("--no-maglev");
}
