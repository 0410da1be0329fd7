/** Postgres counts from 2000-01-01 in its binary forms, batches from 1970-01-01. */
export const epoch_days = 10_957;
export const epoch_us = 946_684_800_000_000n;
