import { assert, SqlError } from "../../runtime/contract/errors.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import type { BoundKind, BoundPlan } from "../bound/nodes.ts";
import { keep } from "../bound/read.ts";
import { undelim } from "../bound/undelim.ts";
import type { CatalogView, SourceObject } from "../catalog.ts";
import { type BoundOf, type Conversion, exactly, filterBy, isColumn, namesOf } from "./conversion.ts";
import { convertAggregate, convertDistinct } from "./from-bound-aggregate.ts";
import { convertCross, convertJoin } from "./from-bound-join.ts";
import { convertLimit, convertRankFilter, convertTopN } from "./from-bound-rank.ts";
import { convertScan } from "./from-bound-scan.ts";
import { convertSetOperation } from "./from-bound-sets.ts";
import { convertTableFunction } from "./from-bound-table-function.ts";
import { convertDummy, convertEmpty, convertValues } from "./from-bound-values.ts";
import { convertUnnest, convertWindow } from "./from-bound-windows.ts";
import type { Locate } from "./locate.ts";
import { type LogicalPlan, project, union, windowColumnNames } from "./nodes.ts";
import { refuse, type RefusedKind } from "./refuse.ts";
import {
  attachWindows,
  type Attached,
  column,
  type Converted,
  plain,
  type Slot,
  slotName,
  translateSlot,
  type WindowSlot,
} from "./slots.ts";

type Converter<K extends BoundKind> = (plan: BoundOf<K>, conversion: Conversion) => Converted;

const converters: { readonly [K in Exclude<BoundKind, RefusedKind | "window">]: Converter<K> } & {
  readonly window: Converter<"window">;
  readonly tableFunction: Converter<"tableFunction">;
} = {
  scan: convertScan,
  dummy: convertDummy,
  empty: convertEmpty,
  values: convertValues,
  tableFunction: convertTableFunction,
  project: convertProject,
  filter: convertFilter,
  // The order of a relation has no meaning for a stream of its rows.
  order: (plan, c) => {
    const input = c.convert(plan.input, c);
    return { ...input, slots: keep(input.slots, plan.keep) };
  },
  aggregate: convertAggregate,
  distinct: convertDistinct,
  unnest: convertUnnest,
  window: convertWindow,
  join: convertJoin,
  topN: convertTopN,
  limit: convertLimit,
  cross: convertCross,
  delimGet: (_, { delim }) => {
    assert(delim !== null, "only the right side of a delim join reads its distinct rows");
    return plain(delim);
  },
  union: (plan, c) => plain(union(plan.inputs.map((input) => exactly(c.convert(input, c), namesOf(input.columns))))),
  except: convertSetOperation,
  intersect: convertSetOperation,
  cte: (plan, c) => {
    const definition = exactly(c.convert(plan.definition, c), namesOf(plan.definition.columns));
    return c.convert(plan.input, { ...c, ctes: new Map(c.ctes).set(plan.id, definition) });
  },
  cteRef: (plan, c) => {
    const definition = c.ctes.get(plan.id);
    if (definition === undefined)
      throw new SqlError({ sqlState: "0A000", message: "a recursive query is not supported in a streaming job yet" });
    return plain(definition);
  },
};

/**
 * The bound plan of a query in our terms: window markers are window nodes again, columns are those asked for.
 * Throws SqlError 0A000 for what a job cannot do yet.
 */
export function toLogical(
  bound: BoundPlan,
  names: readonly string[],
  context: { readonly catalog: CatalogView; readonly locate: Locate },
): { readonly plan: LogicalPlan; readonly sources: ReadonlySet<SourceObject> } {
  const sources = new Set<SourceObject>();
  const conversion: Conversion = { ...context, ctes: new Map(), delim: null, convert: convertNode, sources };
  return { plan: exactly(convertNode(undelim(bound), conversion), names), sources };
}

function convertNode(plan: BoundPlan, conversion: Conversion): Converted {
  if (plan.kind in converters) return (converters[plan.kind as keyof typeof converters] as Converter<BoundKind>)(plan, conversion);
  return refuse(plan.kind as RefusedKind, conversion.locate);
}

function convertFilter(plan: BoundOf<"filter">, conversion: Conversion): Converted {
  const ranked = convertRankFilter(plan, conversion);
  if (ranked !== null) return ranked;
  const input = conversion.convert(plan.input, conversion);
  const filtered = filterBy(input, plan.predicates);
  return { ...filtered, slots: keep(filtered.slots, plan.keep) };
}

/** Collects the columns of a projection; a window is three of them. */
class Projection {
  readonly #input: LogicalPlan;
  readonly #expressions: Expression[] = [];
  readonly #names: string[] = [];

  constructor(input: LogicalPlan) {
    this.#input = input;
  }

  /** Adds a slot; the answer tells how to find it in the projection. */
  add(slot: Slot, name: string): Slot {
    if (slot.kind === "window") {
      const columns = slot.columns.map((at, i) => this.#push(column(this.#input, at), windowColumnNames[i] ?? name));
      return { kind: "window", columns };
    }
    return { kind: "column", index: this.#push(slot, name), type: slot.type };
  }

  /** Passes a window on, unless its columns are passed on already. */
  keep(slot: WindowSlot): WindowSlot {
    const columns = slot.columns.map((at, i) => {
      const known = this.find(at);
      return known >= 0 ? known : this.#push(column(this.#input, at), windowColumnNames[i] ?? "window");
    });
    return { kind: "window", columns };
  }

  /** The position at which a column of the input is passed on. */
  find(index: number): number {
    return this.#expressions.findIndex((e) => isColumn(e, index));
  }

  plan(): LogicalPlan {
    return project(this.#input, this.#expressions, this.#names);
  }

  #push(e: Expression, name: string): number {
    this.#names.push(name);
    return this.#expressions.push(e) - 1;
  }
}

function convertProject(plan: BoundOf<"project">, conversion: Conversion): Converted {
  const input = attachWindows(conversion.convert(plan.input, conversion), plan.expressions);
  const projection = new Projection(input.plan);
  const slots = plan.expressions.map((e, i) => {
    const slot = translateSlot(e, input);
    return projection.add(slot, slotName(slot, plan.columns[i]?.name ?? "column", input.plan));
  });
  const attached = input.attached.flatMap((a): Attached[] => {
    const timeColumn = projection.find(a.timeColumn);
    if (timeColumn < 0) return [];
    return [{ timeColumn, window: a.window, slot: projection.keep(a.slot) }];
  });
  return { plan: projection.plan(), slots, attached };
}
