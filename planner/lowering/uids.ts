import { createHash } from "node:crypto";
import { type OperatorPlan, streamInputs, type StreamPlan } from "../stream/nodes.ts";

/**
 * Identities of operators' state: from what the operator does and from the stateful operators below it. Parallelism,
 * exchanges, local phases and calcs do not count, so that state is found again when only those change.
 */
export class Uids {
  readonly #signatures = new Map<StreamPlan, string>();
  readonly #taken = new Map<string, number>();

  /** Unique in the job. Equal subplans are told apart by their order, sinks first. */
  of(operator: OperatorPlan): string {
    return this.unique(`${prefix(operator)}-${shortHash(`${identity(operator)}(${this.#below(operator)})`)}`);
  }

  unique(uid: string): string {
    const count = (this.#taken.get(uid) ?? 0) + 1;
    this.#taken.set(uid, count);
    return count === 1 ? uid : `${uid}-${count}`;
  }

  #below(plan: StreamPlan): string {
    return streamInputs(plan)
      .map((input) => this.#signature(input))
      .join(";");
  }

  #signature(plan: StreamPlan): string {
    const known = this.#signatures.get(plan);
    if (known !== undefined) return known;
    const below = this.#below(plan);
    const signature = plan.kind === "operator" && isStateful(plan) ? shortHash(`${identity(plan)}(${below})`) : below;
    this.#signatures.set(plan, signature);
    return signature;
  }
}

const isLocal = ({ spec }: OperatorPlan): boolean => spec.op === "windowAggregate" && spec.phase === "local";

/** A local phase is counted apart, so that the other phase has its uid with it and without it. */
const prefix = (operator: OperatorPlan): string => (isLocal(operator) ? "localAggregate" : operator.spec.op);

const isStateful = (operator: OperatorPlan): boolean =>
  operator.spec.op !== "calc" && operator.spec.op !== "windowAssign" && operator.spec.op !== "unnest" && !isLocal(operator);

/** The phases of one aggregate are one identity. A job may be renamed, and so its result's sink; other tables and sinks may not. */
function identity({ spec, description, inputs }: OperatorPlan): string {
  if (spec.op === "source") return `source ${spec.source}`;
  if (spec.op !== "sink") return `${spec.op} ${description}`;
  const isSide = inputs.some((input) => input.kind === "union" && input.inputs.length === 0);
  return spec.connector === "result" && !isSide ? "sink" : `sink ${spec.sink}`;
}

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);
