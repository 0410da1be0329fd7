/**
 * The program of a sandbox's worker. Functions of users live in a realm of their own (node:vm), which is given primitive values
 * only: no object of this realm can be reached from there. Code cannot be made from strings there, its intrinsics are frozen, what
 * allocates outside of the heap is gone, and so are the clock and chance. As node:vm is no boundary by itself, this realm
 * is emptied as well, before any code of a user is compiled: no process, no require, no way to compile. Lists, structs and maps are JSON
 * on the way, which code of ours makes of and into values within the realm of functions.
 */
export const workerSource = `"use strict";
const { parentPort, workerData } = require("node:worker_threads");
const vm = require("node:vm");

const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
vm.runInContext(\`"use strict";
const gone = ["WebAssembly", "SharedArrayBuffer", "Atomics", "ArrayBuffer", "DataView", "WeakRef", "FinalizationRegistry", "eval", "Function",
  "Uint8Array", "Int8Array", "Uint16Array", "Int16Array", "Uint32Array", "Int32Array", "Float32Array", "Float64Array",
  "Uint8ClampedArray", "BigUint64Array", "BigInt64Array", "escape", "unescape", "console"];
for (const name of gone) delete globalThis[name];
delete Math.random;
delete Date.now;
delete Intl.DateTimeFormat;
const RealDate = Date;
const onlyOfArguments = function Date(...args) {
  if (new.target === undefined || args.length === 0) throw new TypeError("a function has no clock: give Date an argument");
  return Reflect.construct(RealDate, args, new.target);
};
onlyOfArguments.prototype = RealDate.prototype;
onlyOfArguments.UTC = RealDate.UTC;
onlyOfArguments.parse = RealDate.parse;
RealDate.prototype.constructor = onlyOfArguments;
globalThis.Date = onlyOfArguments;
delete Error.captureStackTrace;
Object.defineProperty(Error, "prepareStackTrace", { value: undefined, writable: false, configurable: false });
Object.defineProperty(Error, "stackTraceLimit", { value: 0, writable: false, configurable: false });
const seen = new Set();
const freeze = (value) => {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
  seen.add(value);
  if (value !== globalThis) Object.freeze(value);
  freeze(Object.getPrototypeOf(value));
  for (const key of Reflect.ownKeys(value)) {
    const { value: held, get, set } = Object.getOwnPropertyDescriptor(value, key);
    freeze(held); freeze(get); freeze(set);
  }
};
freeze(globalThis);
for (const start of [async () => {}, function* () {}, async function* () {}, [][Symbol.iterator](), "".matchAll(/a/g), new Map().entries(), new Set().values()]) freeze(start);
for (const key of Reflect.ownKeys(globalThis)) {
  if (key === "globalThis") continue;
  const held = Object.getOwnPropertyDescriptor(globalThis, key);
  if (held.configurable) Object.defineProperty(globalThis, key, { ...held, writable: false, configurable: false });
}
delete globalThis.globalThis;
\`, context);
const guestJson = vm.runInContext("JSON", context);
const { parse, stringify } = guestJson;
const converters = vm.runInContext(workerData.guestConverters, context);

const compile = ({ source, name, parameters }) => {
  if (/\\bimport\\b/.test(source)) throw new Error("import is not there");
  const names = parameters.map((parameter) => parameter.name);
  const isModule = /^\\s*export\\s/.test(source);
  const body = isModule ? source.replace(/^\\s*export\\s+(?:default\\s+)?/, "") + "\\nreturn " + name + "(" + names.join(",") + ");" : source;
  return vm.compileFunction('"use strict";' + body, names, { parsingContext: context, filename: name });
};

const port = { post: parentPort.postMessage.bind(parentPort), on: parentPort.on.bind(parentPort) };
const root = globalThis;
const emptied = () => {
  const keep = new Set(["Object", "Function", "Array", "Error", "String", "Number", "BigInt", "Boolean", "Symbol", "Promise", "Map", "Set", "JSON", "Math", "undefined", "NaN", "Infinity", "Reflect"]);
  for (const constructor of [Function, (async () => {}).constructor, (function* () {}).constructor, (async function* () {}).constructor]) {
    delete constructor.prototype.constructor;
  }
  for (const key of Object.getOwnPropertyNames(root)) if (!keep.has(key)) delete root[key];
};

const textOf = (error) => {
  try {
    if (typeof error !== "object" || error === null) return String(error);
    const { name, message } = error;
    return typeof name === "string" && typeof message === "string" ? name + ": " + message : "an object was thrown";
  } catch { return "an object was thrown"; }
};

const functions = workerData.functions;
const compiled = [];
let failure = null;
// The compiler's own functions are needed until here, the realm's globals no longer.
emptied();
for (const definition of functions) {
  try { compiled.push(compile(definition)); }
  catch (error) { compiled.push(null); failure ??= { name: definition.name, row: -1, message: textOf(error) }; }
}

const nested = { list: true, struct: true, map: true };
const same = (value) => value;
// Made where functions live, of text alone.
const readerOf = (type) => nested[type.id] === true ? converters.reader(type.json) : type.id === "json" ? parse : same;
const writerOf = (type) => nested[type.id] === true ? converters.writer(type.json) : type.id === "json" ? stringify : same;
const ways = functions.map(({ types }) => ({ read: types.parameters.map(readerOf), write: writerOf(types.returns) }));

const kinds = { string: true, number: true, bigint: true, boolean: true };
const call = (f, columns, rows) => {
  const { strict } = functions[f];
  const { read, write } = ways[f];
  const run = compiled[f];
  const results = [];
  for (let row = 0; row < rows; row++) {
    const args = [];
    let isNull = false;
    for (let c = 0; c < columns.length; c++) {
      const value = columns[c][row];
      if (value === null) isNull = true;
      args.push(value === null ? null : read[c](value));
    }
    if (strict && isNull) { results.push(null); continue; }
    let result;
    try {
      result = run(...args);
      if (result !== undefined && result !== null) result = write(result);
    } catch (error) { return { row, message: textOf(error) }; }
    if (result === undefined || result === null) results.push(null);
    else if (kinds[typeof result] === true) results.push(result);
    else return { row, message: "it returned " + (typeof result === "function" ? "a function" : "an object") };
  }
  return { results };
};

port.on("message", ({ id, calls }) => {
  if (failure !== null) return port.post({ id, failure });
  const all = [];
  for (const { f, columns, rows } of calls) {
    const { results, row, message } = call(f, columns, rows);
    if (results === undefined) return port.post({ id, failure: { name: functions[f].name, row, message } });
    all.push(results);
  }
  port.post({ id, results: all });
});
`;
