import type { Scenario } from "./scenario.ts";

/** The scenario without the steps that it does not need to fail. */
export async function shrunk(scenario: Scenario, fails: (less: Scenario) => Promise<boolean>): Promise<Scenario> {
  let least = scenario;
  for (const step of scenario.steps) {
    const less = { ...least, steps: least.steps.filter((other) => other !== step) };
    if (await fails(less)) least = less;
  }
  return least;
}
