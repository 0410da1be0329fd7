import type { Answer, Ask, Question } from "../contract/diagnostics.ts";
import { messageOf } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import type { World } from "../contract/world.ts";
import type { ProcessLog } from "./process-log.ts";
import { type Sampling, sampleThreads, type ThreadSamples } from "./sample-threads.ts";
import { flameGraphOf, stackOf } from "./stacks.ts";

/** Answers for this process. */
export function answerQuestions(world: World, logs: Readonly<Record<"log" | "stdout", ProcessLog>>): Ask {
  let sampling: Promise<unknown> = Promise.resolve();
  const sample = (how: Sampling): Promise<readonly ThreadSamples[]> => {
    const samples = sampling.then(() => sampleThreads(world, how));
    sampling = samples.catch(() => undefined);
    return samples;
  };
  const answer = async (question: Question): Promise<Answer> => {
    switch (question.kind) {
      case "logs":
        return { kind: "logs", files: [...logs.log.files(), ...logs.stdout.files()] };
      case "log":
        return { kind: "log", text: logs.log.read(question.name) ?? logs.stdout.read(question.name) };
      case "said":
        return { kind: "log", text: logs[question.to].read(logs[question.to].name) ?? "" };
      case "threads": {
        const samples = await sample({ threads: null, interval_us: 1_000, duration_ms: limits.threadDump_ms });
        return { kind: "threads", threads: samples.map(stackOf) };
      }
      case "profile": {
        const { threads, view } = question;
        const samples = await sample({ threads: new Set(threads), interval_us: 1_000, duration_ms: limits.flameGraph_ms });
        return { kind: "profile", root: flameGraphOf(samples, view) };
      }
    }
  };
  return async (question) => {
    try {
      return await answer(question);
    } catch (error) {
      return { kind: "failed", reason: messageOf(error) };
    }
  };
}
