// Compiles runtime/kernels/assembly/index.ts into kernels.wasm, beside the sources (tests) and in dist (the product).
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "assembly/index.ts");
if (existsSync(source)) {
  const asc = await import("assemblyscript/asc");
  const wasm = join(here, "kernels.wasm");
  const flags = [
    "-O3",
    "--noAssert",
    "--runtime",
    "stub",
    "--enable",
    "simd",
    "--enable",
    "bulk-memory",
    "--importMemory",
    "--maximumMemory",
    "65536",
  ];
  const { error, stderr } = await asc.main([source, ...flags, "-o", wasm]);
  if (error) {
    process.stderr.write(`${stderr.toString()}\n${error.message}\n`);
    process.exit(1);
  }
  const dist = join(here, "../../dist/runtime/kernels");
  mkdirSync(dist, { recursive: true });
  copyFileSync(wasm, join(dist, "kernels.wasm"));
}
