import { mix } from "../mix.ts";

/** Strings that rows share: views into one constant pool of bytes. */
export interface TextSet {
  /** Start and end of each text, in turn: one cache line serves both. */
  readonly spans: Int32Array;
}

export interface TextPool {
  readonly bytes: Uint8Array;
  readonly channels: TextSet;
  /** The url that belongs to each channel. */
  readonly urls: TextSet;
  readonly names: TextSet;
  readonly cities: TextSet;
  readonly states: TextSet;
  /** 65,536 places where a random text of up to `letters_max` letters may begin. */
  readonly lettersAt: number;
}

export const hotChannels = ["Google", "Facebook", "Baidu", "Apple"] as const;
export const coldChannels_count = 10_000;
export const letters_max = 256;
const letters_count = 65_536 + letters_max;

const firstNames = ["Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"];
const lastNames = ["Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"];
const cities = ["Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"];
const states = ["AZ", "CA", "ID", "OR", "WA", "WY"];

class PoolBuilder {
  private readonly parts: string[] = [];
  private length = 0;

  /** All texts are ASCII: a character is a byte. */
  add(texts: readonly string[]): TextSet {
    const spans = new Int32Array(2 * texts.length);
    texts.forEach((text, i) => {
      spans[2 * i] = this.length;
      this.parts.push(text);
      this.length += text.length;
      spans[2 * i + 1] = this.length;
    });
    return { spans };
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.length + 16); // kernels copy 16 bytes at a time
    Buffer.from(bytes.buffer).write(this.parts.join(""), 0, "latin1");
    return bytes;
  }
}

const letter = (hash: number): string => String.fromCharCode(97 + ((hash >>> 8) % 26));
const letters = (seed: number, count: number): string => Array.from({ length: count }, (_, i) => letter(mix(seed * 131 + i))).join("");

const hotUrl = (channel: string): string => `https://www.nexmark.com/${channel.toLowerCase().slice(0, 5)}/item.htm?query=1`;

function coldUrl(i: number): string {
  const path = [letters(i, 5), letters(i + 70_000, 5), letters(i + 90_000, 5)].join("/");
  return `https://www.nexmark.com/${path}/item.htm?query=1${i % 10 === 0 ? "" : `&channel_id=${mix(i) >>> 1}`}`;
}

let pool: TextPool | null = null;

/** The pool is the same for every seed, and made once a thread. */
export function textPool(): TextPool {
  pool ??= makePool();
  return pool;
}

function makePool(): TextPool {
  const builder = new PoolBuilder();
  const cold = Array.from({ length: coldChannels_count }, (_, i) => i);
  const sets = {
    channels: builder.add([...hotChannels, ...cold.map((i) => `channel-${i}`)]),
    urls: builder.add([...hotChannels.map(hotUrl), ...cold.map((i) => coldUrl(i + hotChannels.length))]),
    names: builder.add(firstNames.flatMap((first) => lastNames.map((last) => `${first} ${last}`))),
    cities: builder.add(cities),
    states: builder.add(states),
  };
  const random = builder.add([Array.from({ length: letters_count }, (_, i) => letter(mix(i + 12_345))).join("")]);
  return { ...sets, lettersAt: random.spans[0] as number, bytes: builder.bytes() };
}
