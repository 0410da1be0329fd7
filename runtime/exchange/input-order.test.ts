import { describe, expect, it } from "vitest";
import { watermark_max, watermark_min } from "../contract/operator.ts";
import { type ChannelFacts, chooseChannel } from "./input-order.ts";

const channel = (watermark: bigint, facts: Partial<ChannelFacts> = {}): ChannelFacts => ({
  readable: true,
  blocked: false,
  idle: false,
  watermark,
  ...facts,
});
const empty = { readable: false };

describe("the channel to read next", () => {
  it.each<readonly [string, readonly ChannelFacts[], number, number, boolean]>([
    ["is the one whose turn it is", [channel(5n), channel(5n)], 1, 1, false],
    ["is one that has something", [channel(5n), channel(5n, empty)], 1, 0, false],
    ["is none where none has", [channel(5n, empty)], 0, -1, false],
    ["is the one behind in event time by more than the drift", [channel(90n), channel(5n)], 0, 1, false],
    ["has its turn where others are behind by the drift alone", [channel(15n), channel(5n)], 0, 0, false],
    ["has its turn where it has no watermark", [channel(watermark_min), channel(5n)], 0, 0, false],
    ["leaves their turns to those without watermarks", [channel(90n), channel(watermark_min)], 0, 0, false],
    ["is ahead of an empty one by more than the drift", [channel(16n), channel(5n, empty)], 0, 0, true],
    ["is not ahead by the drift alone", [channel(15n), channel(5n, empty)], 0, 0, false],
    ["is not ahead of an idle one", [channel(90n), channel(5n, { ...empty, idle: true })], 0, 0, false],
    ["is not ahead of one that waits with its barrier", [channel(90n), channel(5n, { ...empty, blocked: true })], 0, 0, false],
    ["is not ahead where another has no watermark yet", [channel(90n), channel(watermark_min, empty)], 0, 0, false],
    ["is not ahead of those that ended", [channel(90n), channel(watermark_max, empty)], 0, 0, false],
    ["may be the end of one that is through", [channel(watermark_max), channel(5n, empty)], 0, 0, false],
  ])("%s", (_, channels, cursor, expected, ahead) => expect(chooseChannel(channels, cursor, 10n)).toEqual({ channel: expected, ahead }));
});
