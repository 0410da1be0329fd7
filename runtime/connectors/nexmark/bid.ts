import { storeInteger } from "../mix.ts";
import { type EventTime, integers, type MakeFill, texts, times } from "./fill.ts";
import { prices } from "./prices.ts";
import { coldChannels_count, hotChannels, type TextPool, type TextSet } from "./text-pool.ts";

const firstId = 1_000;

/** Half of the bids go to the hot auction (every 100th), the others to one of the latest 100. */
const auction: MakeFill = integers((cells, { epoch }) => ({ from, to, at, epoch0, h }) => {
  for (let i = from, k = at; i < to; i++, k++) {
    const hash = h[i] as number;
    const last = (epoch0 + (epoch[i] as number)) * 3 + 3;
    const chosen = hash & 1 ? last - (last % 100) : last - (((hash >>> 1) & 127) % 100);
    storeInteger(cells, k, firstId + Math.max(1, chosen));
  }
});

/** Three of four bids come from the hot bidder, the others from one of the latest 1,024 persons. */
const bidder: MakeFill = integers((cells, { epoch }) => ({ from, to, at, epoch0, h }) => {
  for (let i = from, k = at; i < to; i++, k++) {
    const hash = h[i] as number;
    const last = epoch0 + (epoch[i] as number) + 1;
    const chosen = hash & 0x300 ? Math.min(last, last - (last % 100) + 1) : last - ((hash >>> 10) & 1_023);
    storeInteger(cells, k, firstId + Math.max(1, chosen));
  }
});

const price: MakeFill = integers((cells) => ({ from, to, at, g }) => {
  for (let i = from, k = at; i < to; i++, k++) storeInteger(cells, k, prices[(g[i] as number) & 65_535] as number);
});

const more = (h: number, g: number): number => Math.imul(h, 0x85ebca6b) ^ (g >>> 7);

/** Half of the bids come over one of the four hot channels. */
const channelOf = (h: number, g: number): number =>
  g & 65_536 ? (g >>> 17) & 3 : hotChannels.length + (((more(h, g) >>> 3) & 0x7f_ffff) % coldChannels_count);

const channelText = (set: (pool: TextPool) => TextSet): MakeFill =>
  texts((start, end, pool) => {
    const source = set(pool);
    return ({ from, to, at, h, g }) => {
      for (let i = from, k = at; i < to; i++, k++) {
        const channel = channelOf(h[i] as number, g[i] as number);
        start[k] = source.start[channel] as number;
        end[k] = source.end[channel] as number;
      }
    };
  });

const extra: MakeFill = texts((start, end, { lettersAt }) => ({ from, to, at, h, g }) => {
  for (let i = from, k = at; i < to; i++, k++) {
    start[k] = lettersAt + (more(h[i] as number, g[i] as number) & 0xffff);
    end[k] = (start[k] as number) + 20 + (((g[i] as number) >>> 20) & 31);
  }
});

export const bidColumns = (time: EventTime): Readonly<Record<string, MakeFill>> => ({
  auction,
  bidder,
  price,
  channel: channelText((pool) => pool.channels),
  url: channelText((pool) => pool.urls),
  date_time: times(time),
  extra,
});
