import type { Value } from "../../../runtime/contract/value.ts";
import { Random } from "../random/random.ts";
import type { TpchTable } from "./tables.ts";

/*
 * TPC-H's tables at a size that a test can afford (about 0.0002 of scale 1), each kind of value drawn from the specification's
 * lists but for one thing: the values that the 22 queries ask for come more often, so that all of them have an answer.
 */
export interface TpchRow {
  readonly table: TpchTable;
  readonly row: readonly Value[];
}

const regions = ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"];
const nations: readonly (readonly [name: string, region: number])[] = [
  ["ALGERIA", 0],
  ["ARGENTINA", 1],
  ["BRAZIL", 1],
  ["CANADA", 1],
  ["FRANCE", 3],
  ["GERMANY", 3],
  ["INDIA", 2],
  ["CHINA", 2],
  ["SAUDI ARABIA", 4],
  ["UNITED STATES", 1],
];
const brands = ["Brand#12", "Brand#23", "Brand#34", "Brand#45"];
const types = ["ECONOMY ANODIZED STEEL", "PROMO BURNISHED COPPER", "SMALL PLATED BRASS", "MEDIUM POLISHED TIN", "STANDARD BRUSHED NICKEL"];
const containers = ["SM CASE", "SM PKG", "MED BOX", "MED BAG", "LG CASE", "LG PACK"];
const names = ["forest green", "almond antique", "green lace", "forest blush", "navy linen"];
const segments = ["BUILDING", "AUTOMOBILE", "MACHINERY"];
const priorities = ["1-URGENT", "2-HIGH", "3-MEDIUM", "5-LOW"];
const modes = ["MAIL", "SHIP", "AIR", "AIR REG", "TRUCK"];
const instructions = ["DELIVER IN PERSON", "COLLECT COD"];
const comments = ["carefully final deposits", "special packages: requests", "Customer slow Complaints", ""];
const phoneCodes = ["13", "31", "23", "29", "40"];

const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
const firstDay = day("1993-01-01");
const days = day("1997-01-01") - firstDay;

const sizes = { supplier: 12, customer: 30, part: 24, orders: 260 } as const;

/** The nations that queries name have all the suppliers, and most customers. */
const asked = [2, 3, 4, 5, 6, 6, 8];

/** Orders of customers that are there, with one to seven lines. */
function order(random: Random, key: number): readonly TpchRow[] {
  const date = random.oneIn(12) ? day("1995-03-10") : firstDay + random.below(days);
  const row = [
    BigInt(key),
    BigInt(1 + random.below(sizes.customer - 8)),
    random.of(["F", "O", "P"]),
    BigInt(random.between(100_000, 50_000_000)),
    date,
    random.of(priorities),
    `Clerk#${random.below(5)}`,
    0,
    random.of(comments),
  ];
  const lines = random.oneIn(6) ? 7 : random.between(1, 4);
  const full = lines === 7 && random.oneIn(2);
  return [{ table: "orders", row }, ...Array.from({ length: lines }, (_, line) => lineitem(random, key, line + 1, date, full))];
}

function lineitem(random: Random, order: number, line: number, ordered: number, full: boolean): TpchRow {
  const part = 1 + random.below(sizes.part);
  const shipped = ordered + random.between(1, 60);
  const row = [
    BigInt(order),
    BigInt(part),
    BigInt(supplierOf(part, random.below(2))),
    line,
    BigInt(full ? 9_900 : random.between(1, 50) * 100),
    BigInt(random.between(90_000, 9_000_000)),
    BigInt(random.below(11)),
    BigInt(random.below(9)),
    random.of(["R", "A", "N"]),
    random.of(["O", "F"]),
    shipped,
    shipped + random.between(-20, 40),
    shipped + random.between(1, 30),
    random.of(instructions),
    random.of(modes),
    random.of(comments),
  ];
  return { table: "lineitem", row };
}

const supplierOf = (part: number, which: number): number => 1 + ((part * 5 + which * 3) % sizes.supplier);

function dimensions(random: Random): readonly TpchRow[] {
  const phone = (): string => `${random.of(phoneCodes)}-${random.between(100, 999)}-${random.between(1000, 9999)}`;
  const balance = (): bigint => BigInt(random.between(-99_999, 999_999));
  const nation = (): number => (random.oneIn(4) ? random.below(nations.length) : random.of(asked));
  const numbered = (count: number, row: (n: number) => readonly Value[], table: TpchTable): readonly TpchRow[] =>
    Array.from({ length: count }, (_, n) => ({ table, row: row(n + 1) }));
  return [
    ...regions.map((name, n): TpchRow => ({ table: "region", row: [n, name, ""] })),
    ...nations.map(([name, region], n): TpchRow => ({ table: "nation", row: [n, name, region, ""] })),
    ...numbered(
      sizes.supplier,
      (n) => [BigInt(n), `Supplier#${n}`, `address ${n}`, asked[n % asked.length] as number, phone(), balance(), random.of(comments)],
      "supplier",
    ),
    ...numbered(
      sizes.customer,
      (n) => [BigInt(n), `Customer#${n}`, `address ${n}`, nation(), phone(), balance(), random.of(segments), random.of(comments)],
      "customer",
    ),
    ...numbered(
      sizes.part,
      (n) => [BigInt(n), random.of(names), `Manufacturer#${n % 3}`, ...partKind(random, n), BigInt(90_000 + n), ""],
      "part",
    ),
    ...Array.from({ length: sizes.part * 2 }, (_, i): TpchRow => {
      const part = 1 + (i >> 1);
      const row = [BigInt(part), BigInt(supplierOf(part, i & 1)), random.between(1, 400), BigInt(random.between(100, 99_999)), ""];
      return { table: "partsupp", row };
    }),
  ];
}

/** One part in four is of brass and of size 15. */
const partKind = (random: Random, n: number): readonly Value[] =>
  n % 4 === 0
    ? [random.of(brands), "SMALL PLATED BRASS", 15, random.of(containers)]
    : [random.of(brands), random.of(types), random.of([3, 14, 15, 49]), random.of(containers)];

/** All rows, the orders with their lines behind what they refer to. */
export function tpchRows(seed: number): readonly TpchRow[] {
  const random = new Random(seed);
  return [...dimensions(random), ...Array.from({ length: sizes.orders }, (_, n) => order(random, n + 1)).flat()];
}
