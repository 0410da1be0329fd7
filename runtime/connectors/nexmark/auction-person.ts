import { mix, storeInteger } from "../mix.ts";
import { type EventTime, integers, letters, type MakeFill, oneOf, times } from "./fill.ts";
import { prices } from "./prices.ts";

const firstId = 1_000;
const firstCategory = 10;
const categories_count = 5;
/** An auction stays open for 1,000 to 2,000,000 events' worth of event time. */
const open_events = 1_000;
const open_steps = 2_000;

const id = (perEpoch: number): MakeFill =>
  integers((cells, { epoch, inEpoch }) => ({ from, to, at, epoch0 }) => {
    for (let i = from, k = at; i < to; i++, k++) {
      const place = perEpoch === 1 ? 1 : (inEpoch[i] as number);
      storeInteger(cells, k, firstId + (epoch0 + (epoch[i] as number)) * perEpoch + place);
    }
  });

const initialBid: MakeFill = integers((cells) => ({ from, to, at, h }) => {
  for (let i = from, k = at; i < to; i++, k++) storeInteger(cells, k, prices[(h[i] as number) & 65_535] as number);
});

const reserve: MakeFill = integers((cells) => ({ from, to, at, h, g }) => {
  for (let i = from, k = at; i < to; i++, k++) {
    storeInteger(cells, k, (prices[(h[i] as number) & 65_535] as number) + (prices[(g[i] as number) & 65_535] as number));
  }
});

const expires = ({ spacing_us }: EventTime): MakeFill =>
  integers((cells, { event }) => ({ from, to, at, time0_us, g }) => {
    for (let i = from, k = at; i < to; i++, k++) {
      const open = (1 + ((mix(g[i] as number) >>> 8) % open_steps)) * open_events;
      storeInteger(cells, k, time0_us + Math.floor(((event[i] as number) + open) * spacing_us));
    }
  });

/** Three of four auctions are the hot seller's, the others of one of the latest 1,024 persons. */
const seller: MakeFill = integers((cells, { epoch }) => ({ from, to, at, epoch0, h }) => {
  for (let i = from, k = at; i < to; i++, k++) {
    const hash = h[i] as number;
    const last = epoch0 + (epoch[i] as number) + 1;
    const chosen = (hash >>> 16) & 3 ? Math.min(last, last - (last % 100) + 1) : last - ((hash >>> 18) & 1_023);
    storeInteger(cells, k, firstId + Math.max(1, chosen));
  }
});

const category: MakeFill = integers((cells) => ({ from, to, at, g }) => {
  for (let i = from, k = at; i < to; i++, k++) storeInteger(cells, k, firstCategory + (((g[i] as number) >>> 16) % categories_count));
});

export const auctionColumns = (time: EventTime): Readonly<Record<string, MakeFill>> => ({
  id: id(3),
  item_name: letters(1, 20, 0),
  description: letters(2, 100, 0),
  initial_bid: initialBid,
  reserve,
  date_time: times(time),
  expires: expires(time),
  seller,
  category,
  extra: letters(3, 50, 63),
});

export const personColumns = (time: EventTime): Readonly<Record<string, MakeFill>> => ({
  id: id(1),
  name: oneOf(
    (pool) => pool.names,
    (h) => h >>> 4,
  ),
  email_address: letters(4, 14, 0),
  credit_card: letters(5, 19, 0),
  city: oneOf(
    (pool) => pool.cities,
    (h) => h >>> 12,
  ),
  state: oneOf(
    (pool) => pool.states,
    (h) => h >>> 20,
  ),
  date_time: times(time),
  extra: letters(6, 60, 31),
});
