import { type EventTime, integers, type MakeFill, texts, times } from "./fill.ts";
import { lowest, nearBy, storeNear } from "./near.ts";
import { prices } from "./prices.ts";
import { coldChannels_count, hotChannels } from "./text-pool.ts";

const firstId = 1_000;

// The loops choose by masks: half of the choices are random, and a branch that cannot be predicted costs more than all the rest.

/** A number from 0 up to `count` (at most 32,767) out of 16 bits of a hash. */
const upTo = (count: number, hash: number): number => Math.imul(hash & 0xffff, count) >>> 16;

/** A number below 200, modulo 100. */
const wrap100 = (n: number): number => (n >= 100 ? n - 100 : n);

/** Half of the bids go to the hot auction (every 100th), the others to one of the latest 100. */
const auction: MakeFill = integers((cells, { epoch }) => ({ from, to, at, epoch0, h }) => {
  const newest = epoch0 * 3 + 3;
  const phase = (newest % 100) | 0;
  const near = nearBy(firstId + newest);
  const oldest = lowest(newest);
  for (let i = from, k = at; i < to; i++, k++) {
    const hash = h[i] as number;
    const newer = Math.imul(epoch[i] as number, 3);
    const hot = -(hash & 1);
    const back = (wrap100(phase + newer) & hot) | (upTo(100, hash >>> 1) & ~hot);
    storeNear(cells, k, near, Math.max(newer - back, oldest));
  }
});

/** Three of four bids come from the hot bidder, the others from one of the latest 1,024 persons. */
const bidder: MakeFill = integers((cells, { epoch }) => ({ from, to, at, epoch0, h }) => {
  const newest = epoch0 + 1;
  const phase = (newest % 100) | 0;
  const near = nearBy(firstId + newest);
  const oldest = lowest(newest);
  for (let i = from, k = at; i < to; i++, k++) {
    const hash = h[i] as number;
    const newer = epoch[i] as number;
    const hot = -(((hash >>> 8) | (hash >>> 9)) & 1);
    const back = (Math.max(wrap100(phase + newer) - 1, 0) & hot) | ((hash >>> 10) & 1_023 & ~hot);
    storeNear(cells, k, near, Math.max(newer - back, oldest));
  }
});

const price: MakeFill = integers((cells) => ({ from, to, at, g }) => {
  for (let i = from, k = at; i < to; i++, k++) {
    cells[2 * k] = prices[(g[i] as number) & 65_535] as number;
    cells[2 * k + 1] = 0;
  }
});

const more = (h: number, g: number): number => Math.imul(h, 0x85ebca6b) ^ (g >>> 7);

/** Half of the bids come over one of the four hot channels. */
function channelOf(h: number, g: number): number {
  const hot = -((g >>> 16) & 1);
  const cold = hotChannels.length + upTo(coldChannels_count, more(h, g) >>> 3);
  return ((g >>> 17) & 3 & hot) | (cold & ~hot);
}

const channel: MakeFill = texts((start, end, { channels: { spans } }) => ({ from, to, at, h, g }) => {
  for (let i = from, k = at; i < to; i++, k++) {
    const chosen = 2 * channelOf(h[i] as number, g[i] as number);
    start[k] = spans[chosen] as number;
    end[k] = spans[chosen + 1] as number;
  }
});

const url: MakeFill = texts((start, end, { urls: { spans } }) => ({ from, to, at, h, g }) => {
  for (let i = from, k = at; i < to; i++, k++) {
    const chosen = 2 * channelOf(h[i] as number, g[i] as number);
    start[k] = spans[chosen] as number;
    end[k] = spans[chosen + 1] as number;
  }
});

const extra: MakeFill = texts((start, end, { lettersAt }) => ({ from, to, at, h, g }) => {
  for (let i = from, k = at; i < to; i++, k++) {
    const begins = lettersAt + (more(h[i] as number, g[i] as number) & 0xffff);
    start[k] = begins;
    end[k] = begins + 20 + (((g[i] as number) >>> 20) & 31);
  }
});

export const bidColumns = (time: EventTime): Readonly<Record<string, MakeFill>> => ({
  auction,
  bidder,
  price,
  channel,
  url,
  date_time: times(time),
  extra,
});
