import { dateInfinity } from "../../contract/text-time.ts";
import { varchar } from "../../contract/types.ts";
import { strict } from "./code.ts";
import { type Call, literalText, type Resolution, type ScalarFunction } from "./define.ts";
import { wordsOfBig } from "./number-lanes.ts";
import { lane, type Slot } from "./slot.ts";
import { timeFormatter } from "./time-format.ts";
import { clockOfTime, dayOfTime, isInfiniteDate, isInfiniteTime } from "./time-lanes.ts";

/** The format may stand first or second. */
function resolveStrftime(call: Call): Resolution | null {
  const [first, second] = call.arguments;
  const [time, format] = first?.type.id === "varchar" ? [second, first] : [first, second];
  const text = literalText(format);
  if (call.arguments.length !== 2 || time === undefined || text === undefined) return null;
  if (time.type.id !== "timestamp" && time.type.id !== "date") return null;
  const write = timeFormatter(text);
  if (write === null) return null;
  const ofTime = (low: number, high: number): string =>
    isInfiniteTime(low, high) ? (high > 0 ? "infinity" : "-infinity") : write(dayOfTime(low, high), clockOfTime(low, high));
  const ofDate = (day: number): string => (isInfiniteDate(day) ? (day === dateInfinity ? "infinity" : "-infinity") : write(day, 0));
  return {
    arguments: [time],
    emit: (code, [a]) => {
      const slot = a as Slot;
      return strict(code, varchar, [slot], () => {
        const value =
          time.type.id === "date"
            ? `${code.constant(ofDate)}(${lane(slot)})`
            : `${code.constant(ofTime)}(${wordsOfBig(code, lane(slot)).join(", ")})`;
        return ["", code.local(`heap.appendText(${value})`), "heap.at"];
      });
    },
  };
}

export const strftime: ScalarFunction = {
  names: ["strftime"],
  doc: "A date or time stamp as text, by a constant format.",
  examples: [
    ["strftime(TIMESTAMP '2024-02-29 10:20:30', '%Y/%m/%d %H:%M')", "2024/02/29 10:20"],
    ["strftime(DATE '2024-02-09', '%a %-d %B')", "Fri 9 February"],
  ],
  resolve: resolveStrftime,
};
