import { type OperatorPlan, streamInputs, type StreamPlan } from "../stream/nodes.ts";
import { lineageOf, shortHash, tracedExpression } from "../stream/lineage.ts";
import { type Identity, identityOf, localPhaseOf } from "./identity.ts";

/**
 * Identities of operators' state, for people and to find state again (decisions/0011): `groupAggregate-origin-3f2a1b`. They come from the
 * operator's kind, its keys and the operators with an identity below it. Parallelism, exchanges, local phases, calcs, added
 * and dropped columns, other aggregates over the same groups and names given on the way do not count.
 */
export class Uids {
  readonly #signatures = new Map<StreamPlan, string>();
  readonly #taken = new Map<string, number>();

  /** Unique in the job. Equal subplans are told apart by their order, sinks first. */
  of(operator: OperatorPlan): string {
    const identity = identityOf(operator);
    const below = this.#below(stateOwner(operator));
    const hash = shortHash(`${kindOf(operator)}(${identity?.parts.join("\n") ?? ""})(${below})`);
    return this.unique([kindOf(operator), ...nameOf(identity), ...(isNamed(operator, identity) ? [] : [hash])].join("-"));
  }

  unique(uid: string): string {
    const count = (this.#taken.get(uid) ?? 0) + 1;
    this.#taken.set(uid, count);
    if (count === 1) return uid;
    // It may be asked for as the name of another's part.
    return this.unique(`${uid}-${count}`);
  }

  #below(plan: StreamPlan): string {
    return streamInputs(plan)
      .map((input) => this.#signature(input))
      .join(";");
  }

  #signature(plan: StreamPlan): string {
    const known = this.#signatures.get(plan);
    if (known !== undefined) return known;
    const identity = plan.kind === "operator" && !isLocal(plan) ? identityOf(plan) : null;
    const below = this.#below(plan.kind === "operator" ? stateOwner(plan) : plan);
    const signature = identity === null ? below : shortHash(`${identity.parts.join("\n")}(${below})`);
    this.#signatures.set(plan, signature);
    return signature;
  }
}

/** The conditions that rows of the operator's inputs met since the operators with an identity below; empty: all rows. */
export function conditionsOf(operator: OperatorPlan): string {
  return stateOwner(operator)
    .inputs.map(conditionsIn)
    .filter((text) => text !== "")
    .join("; ");
}

function conditionsIn(plan: StreamPlan): string {
  if (plan.kind === "operator" && !isLocal(plan) && identityOf(plan) !== null) return "";
  const own =
    plan.kind === "operator" && plan.spec.op === "calc" && plan.spec.filter !== null
      ? [tracedExpression(plan.spec.filter, lineageOf(plan.inputs[0] as StreamPlan))]
      : [];
  const below = streamInputs(plan).map(conditionsIn);
  return [...below, ...own].filter((text) => text !== "").join(plan.kind === "union" ? " | " : " AND ");
}

const isLocal = ({ spec }: OperatorPlan): boolean => spec.op === "windowAggregate" && spec.phase === "local";

/** The phases of one aggregate are one identity: that of the rows in front of both. */
const stateOwner = (operator: OperatorPlan): OperatorPlan =>
  operator.spec.op === "windowAggregate" && operator.spec.phase === "global" ? localPhaseOf(operator) : operator;

/** A local phase is counted apart, so that the other phase has its uid with it and without it. */
const kindOf = (operator: OperatorPlan): string => (isLocal(operator) ? "localAggregate" : operator.spec.op);

/** Its name says it all, for no other operator of the job can have it. */
const isNamed = ({ spec }: OperatorPlan, identity: Identity | null): boolean =>
  (spec.op === "source" || spec.op === "sink") && /^\w*$/.test(identity?.name ?? "-");

const name_length_max = 32;

function nameOf(identity: Identity | null): readonly string[] {
  const words = (identity?.name ?? "").replaceAll(/[^\w]+/g, "-").slice(0, name_length_max);
  const trimmed = words.replaceAll(/^-+|-+$/g, "");
  return trimmed === "" ? [] : [trimmed];
}
