import type { Batch, Column } from "../contract/batch.ts";
import { TaskFailure } from "../contract/errors.ts";
import type { Expression } from "../contract/expressions.ts";
import { physicalOf } from "../contract/types.ts";
import { Code, type Failure } from "../functions/scalar/code.ts";
import type { ByteHeap } from "../functions/scalar/byte-heap.ts";
import { heapBytes, lane, type Slot } from "../functions/scalar/slot.ts";
import { ExpressionCompiler } from "./compiler.ts";
import { KernelInputs } from "./inputs.ts";
import type { OutputColumn } from "./output-column.ts";

/** One compiled row loop: filter, then what is computed for each kept row. */
export interface Kernel {
  /** Returns the number of kept rows; `outputs` get their values, `selection` their positions when the kernel was built to select. */
  run(batch: Batch, ones: Uint8Array, selection: Int32Array, outputs: readonly OutputColumn[], now_us: bigint): number;
  /** The finished column of each computed expression. */
  columnsOf(batch: Batch, outputs: readonly OutputColumn[]): readonly Column[];
}

type Loop = (
  rows: number,
  input: unknown[],
  output: unknown[],
  selection: Int32Array,
  nulls: Uint8Array,
  heap: ByteHeap,
  now: bigint,
) => number;

/** What a kernel must be able to do; each ability costs time on every row. */
export interface KernelNeeds {
  /** Some column that is read has NULLs. */
  readonly nullable: boolean;
  /** The positions of the kept rows are asked for. */
  readonly select: boolean;
}

export function buildKernel(filter: Expression | null, computed: readonly Expression[], needs: KernelNeeds, heap: ByteHeap): Kernel {
  const code = new Code();
  const inputs = new KernelInputs(needs.nullable);
  const compiler = new ExpressionCompiler(code, inputs, heap);
  if (filter !== null) emitFilter(code, compiler, filter);
  const slots = computed.map(compiler.compile);
  const outputNames: string[] = [];
  slots.forEach((slot, s) => emitStore(code, slot, s, outputNames));
  if (needs.select) code.line("selection[k] = i;");
  const loop = assemble(code, inputs.names, outputNames);
  const isNullable = slots.map((slot) => slot.isNull !== null);
  const nulls = new Uint8Array(slots.length);
  return {
    run(batch, ones, selection, outputs, now_us) {
      const output = outputs.flatMap((o, s) => o.arrays(isNullable[s] as boolean));
      nulls.fill(0);
      const rows = loop(batch.rows, inputs.bind(batch, ones), output, selection, nulls, heap, now_us);
      if (rows < 0) throw failureOf(code, -rows - 1);
      return rows;
    },
    columnsOf: (batch, outputs) =>
      slots.map((slot, s) => {
        const bytes = slot.lanes[0] as string;
        const shared =
          physicalOf(slot.type) !== "bytes" ? null : bytes === heapBytes ? heap.bytes : (inputs.arrayOf(bytes, batch) as Uint8Array);
        return (outputs[s] as OutputColumn).column(nulls[s] === 1, shared);
      }),
  };
}

function failureOf(code: Code, failure: number): TaskFailure {
  const { sqlState, message } = (code.failures[failure] as () => Failure)();
  return new TaskFailure("user", "fail", message, { sqlState });
}

/** The parts of a top-level AND one after the other, so that the projections may share what they computed. */
function emitFilter(code: Code, compiler: ExpressionCompiler, filter: Expression): void {
  for (const part of filter.kind === "and" ? filter.arguments : [filter]) {
    const slot = compiler.compile(part);
    code.line(`if (${slot.isNull === null ? "" : `${slot.isNull} || `}!${lane(slot)}) continue;`);
  }
}

/** Writes the lanes, but for a string's array, to row `k` of the output; then whether it is NULL. */
function emitStore(code: Code, slot: Slot, position: number, outputNames: string[]): void {
  const store = (value: string): void => code.line(`O${outputNames.push(`O${outputNames.length}`) - 1}[k] = ${value};`);
  const lanes = physicalOf(slot.type) === "bytes" ? slot.lanes.slice(1) : slot.lanes;
  lanes.forEach((value, l) => {
    const isBoolean = l === 0 && physicalOf(slot.type) === "u8";
    store(isBoolean ? `(${value}) ? 1 : 0` : value);
  });
  if (slot.isNull === null) return;
  code.block(`if (${slot.isNull})`, () => {
    code.line(`O${outputNames.length}[k] = 0; nulls[${position}] = 1;`);
  });
  code.block("else", () => store("1"));
}

/** The only place where text becomes code: it holds generated names alone (see Code). */
function assemble(code: Code, inputNames: readonly string[], outputNames: readonly string[]): Loop {
  const pool = code.pool.map((_, p) => `K${p}`);
  const unpack = (names: readonly string[], from: string): string => names.map((name, n) => `const ${name} = ${from}[${n}];`).join(" ");
  const text = `"use strict";
${unpack(pool, "pool")}
return function kernel(n, input, output, selection, nulls, heap, now) {
${unpack(inputNames, "input")}
${unpack(outputNames, "output")}
let k = 0;
for (let i = 0; i < n; i++) {
${code.text()}
k++;
}
return k;
};`;
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function("pool", text)(code.pool) as Loop;
}
