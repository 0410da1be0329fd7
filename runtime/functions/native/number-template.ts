import { dataError, remembered } from "./define.ts";

/** The patterns of Postgres' number templates; they may be written in lower case. */
const patterns = ["EEEE", "FM", "MI", "PL", "PR", "RN", "SG", "SP", "TH", ",", ".", "0", "9", "B", "C", "D", "G", "L", "S", "V"] as const;
export type NumberPattern = (typeof patterns)[number];

export interface NumberNode {
  readonly pattern: NumberPattern | null;
  /** As typed; the text itself when there is no pattern. */
  readonly typed: string;
}

/** What a template says of the number as a whole (Postgres' NUMDesc). */
export interface NumberTemplate {
  readonly nodes: readonly NumberNode[];
  /** Digits in front of the point, and behind it. */
  readonly pre: number;
  readonly post: number;
  /** Digits by which V moves the point. */
  readonly moved: number;
  /** Position of the first `0`, from 1; 0 when there is none. And digits up to the last `0`. */
  readonly zeroStart: number;
  readonly zeroEnd: number;
  readonly lsign: "none" | "before" | "behind";
  readonly hasPoint: boolean;
  readonly hasZero: boolean;
  readonly fill: boolean;
  readonly bracket: boolean;
  readonly minus: boolean;
  readonly plus: boolean;
  readonly roman: boolean;
  readonly scientific: boolean;
}

type Draft = { -readonly [K in keyof NumberTemplate]: NumberTemplate[K] } & { signAt: number; multiplied: boolean };

const refuse = (message: string): never => {
  throw dataError("42601", message);
};

export const numberTemplate: (template: string) => NumberTemplate = remembered((template) => {
  const nodes = parse(template);
  const draft: Draft = {
    nodes,
    pre: 0,
    post: 0,
    moved: 0,
    zeroStart: 0,
    zeroEnd: 0,
    lsign: "none",
    hasPoint: false,
    hasZero: false,
    fill: false,
    bracket: false,
    minus: false,
    plus: false,
    roman: false,
    scientific: false,
    signAt: 0,
    multiplied: false,
  };
  for (const { pattern } of nodes) {
    if (pattern === null) continue;
    if (draft.scientific && pattern !== "EEEE") refuse('"EEEE" must be the last pattern used');
    readers[pattern](draft);
  }
  if (draft.lsign === "before" && draft.pre === draft.signAt) draft.lsign = "behind";
  return draft;
});

const readers: Readonly<Record<NumberPattern, (d: Draft) => void>> = {
  "9": (d) => {
    if (d.bracket) refuse('"9" must be ahead of "PR"');
    if (d.multiplied) d.moved++;
    else if (d.hasPoint) d.post++;
    else d.pre++;
  },
  "0": (d) => {
    if (d.bracket) refuse('"0" must be ahead of "PR"');
    if (!d.hasZero && !d.hasPoint) {
      d.hasZero = true;
      d.zeroStart = d.pre + 1;
    }
    if (d.hasPoint) d.post++;
    else d.pre++;
    d.zeroEnd = d.pre + d.post;
  },
  ".": point,
  D: point,
  FM: (d) => void (d.fill = true),
  S: (d) => {
    if (d.lsign !== "none") refuse('cannot use "S" twice');
    if (d.plus || d.minus || d.bracket) refuse('cannot use "S" and "PL"/"MI"/"SG"/"PR" together');
    d.lsign = d.hasPoint ? "behind" : "before";
    d.signAt = d.pre;
  },
  MI: (d) => {
    if (d.lsign !== "none") refuse('cannot use "S" and "MI" together');
    d.minus = true;
  },
  PL: (d) => {
    if (d.lsign !== "none") refuse('cannot use "S" and "PL" together');
    d.plus = true;
  },
  SG: (d) => {
    if (d.lsign !== "none") refuse('cannot use "S" and "SG" together');
    d.minus = true;
    d.plus = true;
  },
  PR: (d) => {
    if (d.lsign !== "none" || d.plus || d.minus) refuse('cannot use "PR" and "S"/"PL"/"MI"/"SG" together');
    d.bracket = true;
  },
  RN: (d) => void (d.roman = true),
  V: (d) => {
    if (d.hasPoint) refuse('cannot use "V" and decimal point together');
    d.multiplied = true;
  },
  EEEE: (d) => {
    if (d.scientific) refuse('cannot use "EEEE" twice');
    if (d.fill || d.lsign !== "none" || d.bracket || d.minus || d.plus || d.roman || d.multiplied)
      refuse('"EEEE" is incompatible with other formats');
    d.scientific = true;
  },
  ",": () => undefined,
  G: () => undefined,
  L: () => undefined,
  B: () => undefined,
  C: () => undefined,
  SP: () => undefined,
  TH: () => undefined,
};

function point(d: Draft): void {
  if (d.hasPoint) refuse("multiple decimal points");
  if (d.multiplied) refuse('cannot use "V" and decimal point together');
  d.hasPoint = true;
}

function parse(template: string): readonly NumberNode[] {
  const nodes: NumberNode[] = [];
  for (let at = 0; at < template.length; ) {
    const quoted = /^"((?:[^"\\]|\\[^])*)(?:"|$)/.exec(template.slice(at));
    if (quoted !== null) {
      for (const c of (quoted[1] as string).replaceAll(/\\([^])/g, "$1")) nodes.push({ pattern: null, typed: c });
      at += quoted[0].length;
      continue;
    }
    const pattern = patterns.find((name) => template.startsWith(name, at) || template.startsWith(name.toLowerCase(), at)) ?? null;
    if (pattern === null && template.startsWith('\\"', at)) at++;
    const length = pattern?.length ?? String.fromCodePoint(template.codePointAt(at) as number).length;
    nodes.push({ pattern, typed: template.slice(at, at + length) });
    at += length;
  }
  return nodes;
}
