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
    return this.unique(`${operator.spec.op}-${shortHash(`${identity(operator)}(${this.#below(operator)})`)}`);
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

const isStateful = ({ spec }: OperatorPlan): boolean =>
  spec.op !== "calc" && spec.op !== "windowAssign" && !(spec.op === "windowAggregate" && spec.phase === "local");

/** The phases of one aggregate are one identity. */
const identity = ({ spec, description }: OperatorPlan): string =>
  spec.op === "source" ? `source ${spec.source}` : spec.op === "sink" ? `sink ${spec.connector}` : `${spec.op} ${description}`;

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);
