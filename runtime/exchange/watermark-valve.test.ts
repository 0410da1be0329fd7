import { describe, expect, test } from "vitest";
import { type Watermark, watermark_max } from "../contract/operator.ts";
import { InputProgress, type Progress, WatermarkValve } from "./watermark-valve.ts";

/** A step is `channel event`: `0 wm 5`, `1 idle`, `1 active`, `0 end`; the answer is what goes on, in order. */
const cases: readonly { readonly name: string; readonly channels: number; readonly steps: readonly (readonly [string, string])[] }[] = [
  {
    name: "the least watermark of all channels goes on, and never back",
    channels: 2,
    steps: [
      ["0 wm 5", ""],
      ["1 wm 3", "wm 3"],
      ["1 wm 9", "wm 5"],
      ["0 wm 4", ""],
      ["0 wm 7", "wm 7"],
    ],
  },
  {
    name: "a watermark on an idle channel is ignored",
    channels: 2,
    steps: [
      ["0 wm 5", ""],
      ["1 idle", "wm 5"],
      ["1 wm 2", ""],
      ["1 active", ""],
      ["0 wm 6", "wm 6"],
    ],
  },
  {
    name: "a channel that becomes idle holds nothing back",
    channels: 3,
    steps: [
      ["0 wm 5", ""],
      ["1 wm 8", ""],
      ["2 idle", "wm 5"],
      ["0 idle", "wm 8"],
    ],
  },
  {
    name: "when all are idle the greatest watermark comes first, then idle",
    channels: 2,
    steps: [
      ["0 wm 5", ""],
      ["1 wm 8", "wm 5"],
      ["1 idle", ""],
      ["0 idle", "wm 8 idle"],
      ["0 active", "active"],
      ["0 wm 7", ""],
      ["0 wm 9", "wm 9"],
    ],
  },
  {
    name: "a channel that is active again joins once it has caught up",
    channels: 2,
    steps: [
      ["1 wm 2", ""],
      ["1 idle", ""],
      ["0 wm 10", "wm 10"],
      ["1 active", ""],
      ["0 wm 12", "wm 12"],
      ["1 wm 11", ""],
      ["0 wm 14", "wm 14"],
      ["1 wm 14", ""],
      ["0 wm 20", ""],
      ["1 wm 16", "wm 16"],
    ],
  },
  {
    name: "negative times are times",
    channels: 2,
    steps: [
      ["0 wm -5", ""],
      ["1 wm -7", "wm -7"],
      ["1 wm 0", "wm -5"],
    ],
  },
  {
    name: "the end of one channel leaves the others to decide",
    channels: 2,
    steps: [
      ["0 end", ""],
      ["1 wm 3", "wm 3"],
      ["1 end", "wm max"],
    ],
  },
  {
    name: "the end of one channel does not make the rows of an idle one late",
    channels: 2,
    steps: [
      ["0 wm 4", ""],
      ["1 wm 6", "wm 4"],
      ["0 idle", "wm 6"],
      ["1 end", "idle"],
      ["0 active", "active"],
      ["0 wm 7", "wm 7"],
      ["0 end", "wm max"],
    ],
  },
  {
    name: "the last end makes an idle output active",
    channels: 1,
    steps: [
      ["0 wm 4", "wm 4"],
      ["0 idle", "idle"],
      ["0 end", "active wm max"],
    ],
  },
];

const said = ({ watermark, idle }: Progress): string => {
  const parts = [
    idle === false ? "active" : "",
    watermark === null ? "" : `wm ${watermark === watermark_max ? "max" : watermark}`,
    idle === true ? "idle" : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
};

interface Target {
  watermark(channel: number, watermark: Watermark): Progress;
  idle(channel: number, idle: boolean): Progress;
}

function apply(target: Target, step: string): string {
  const [channel, event, value] = step.split(" ");
  if (event === "wm") return said(target.watermark(Number(channel), BigInt(value as string)));
  if (event === "end") return said(target.watermark(Number(channel), watermark_max));
  return said(target.idle(Number(channel), event === "idle"));
}

describe("one input", () => {
  test.each(cases)("$name", ({ channels, steps }) => {
    const valve = new WatermarkValve(channels);
    expect(steps.map(([step]) => [step, apply(valve, step)])).toEqual(steps);
  });

  test.each(cases)("as the only input of an operator: $name", ({ channels, steps }) => {
    const progress = new InputProgress([channels]);
    const target: Target = { watermark: (c, w) => progress.watermark(0, c, w), idle: (c, i) => progress.idle(0, c, i) };
    expect(steps.map(([step]) => [step, apply(target, step)])).toEqual(steps);
  });
});

const twoInputs: readonly { readonly name: string; readonly steps: readonly (readonly [string, string])[] }[] = [
  {
    name: "take the lesser watermark",
    steps: [
      ["0 wm 5", ""],
      ["1 wm 3", "wm 3"],
      ["1 wm 9", "wm 5"],
      ["0 wm 12", "wm 9"],
    ],
  },
  {
    name: "leave an idle input out, and are idle when both are",
    steps: [
      ["0 wm 5", ""],
      ["1 idle", "wm 5"],
      ["0 wm 6", "wm 6"],
      ["0 idle", "idle"],
      ["1 active", "active"],
      ["1 wm 7", "wm 7"],
    ],
  },
  {
    name: "wait for an input that was idle until it has caught up",
    steps: [
      ["1 wm 2", ""],
      ["0 wm 9", "wm 2"],
      ["1 idle", "wm 9"],
      ["1 active", ""],
      ["0 wm 11", ""],
      ["1 wm 10", "wm 10"],
    ],
  },
  {
    name: "end when both have ended",
    steps: [
      ["0 wm 5", ""],
      ["1 end", "wm 5"],
      ["0 idle", "idle"],
      ["0 active", "active"],
      ["0 wm 8", "wm 8"],
      ["0 end", "wm max"],
    ],
  },
];

test.each(twoInputs)("two inputs $name", ({ steps }) => {
  const progress = new InputProgress([1, 1]);
  const target: Target = { watermark: (input, w) => progress.watermark(input, 0, w), idle: (input, i) => progress.idle(input, 0, i) };
  expect(steps.map(([step]) => [step, apply(target, step)])).toEqual(steps);
});
