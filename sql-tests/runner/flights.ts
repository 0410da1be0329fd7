/** The real data of the main job: 3,000,000 flights, in order of departure, of the npm package vega-datasets. */
export const flightsFile = "node_modules/vega-datasets/data/flights-3m.parquet";

export const flightsSource = `CREATE SOURCE flights (date TIMESTAMP, delay BIGINT, distance BIGINT, origin TEXT, destination TEXT,
    WATERMARK FOR date AS date - INTERVAL '5' MINUTE)
  WITH (connector = 'filesystem', path = '${flightsFile}', format = 'parquet')`;

const aggregates = "count(*) AS flights, avg(delay) AS avg_delay, max(delay) AS worst";
const grouped = `origin, window_start, window_end, ${aggregates}`;
const by = "GROUP BY origin, window_start, window_end";

/** One question per window kind, written once: the job's body and the batch question are the same text. */
export const windowQueries = {
  tumble: `SELECT ${grouped} FROM TUMBLE(flights, date, INTERVAL '1 hour') ${by}`,
  hop: `SELECT ${grouped} FROM HOP(flights, date, INTERVAL '10 minutes', INTERVAL '1 hour') ${by}`,
  session: `SELECT ${grouped} FROM SESSION(flights PARTITION BY origin, date, INTERVAL '30 minutes') ${by}`,
  cumulate: `SELECT ${grouped} FROM CUMULATE(flights, date, INTERVAL '1 hour', INTERVAL '6 hours') ${by}`,
} as const;
export type WindowKind = keyof typeof windowQueries;
