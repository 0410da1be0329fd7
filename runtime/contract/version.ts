/** Of the product, as in package.json. */
export const version = "0.1.0";

/** What clients of Postgres are told: the version whose behaviour they may expect, and ours. */
export const serverVersion = `15.0 (Millrace ${version})`;
