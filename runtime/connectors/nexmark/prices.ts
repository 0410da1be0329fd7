/** 65,536 prices from 1.00 to 1,000,000.00 in cents, each a little above the one before: a hash's 16 bits pick one. */
export const prices = Int32Array.from({ length: 65_536 }, (_, i) => Math.round(10 ** (((i + 0.5) / 65_536) * 6) * 100));
