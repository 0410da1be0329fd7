// The benchmark's questions. `job` is the body of a streaming job, `batch` the same question to DuckDB over the same rows
// (tables bid, auction, person as views over Parquet that a job wrote from the same generator).

export const nexmarkSources = (events) =>
  ["bid", "auction", "person"].map(
    (table) =>
      `CREATE SOURCE ${table} (WATERMARK FOR date_time AS date_time - INTERVAL '4' SECOND)
       WITH (connector = 'nexmark', "table" = '${table}', events = '${events}')`,
  );

export const queries = {
  q0: { doc: "pass through", sql: `SELECT auction, bidder, price, date_time, extra FROM bid` },
  q1: { doc: "currency conversion", sql: `SELECT auction, bidder, 0.908 * price AS price, date_time, extra FROM bid` },
  q2: { doc: "selection", sql: `SELECT auction, price FROM bid WHERE auction % 123 = 0` },
  q5: {
    doc: "hot items",
    sql: `WITH counts AS (
            SELECT auction, count(*) AS num, window_start, window_end
            FROM HOP(bid, date_time, INTERVAL '2 seconds', INTERVAL '10 seconds') GROUP BY auction, window_start, window_end)
          SELECT c.auction, c.num, c.window_start, c.window_end
          FROM counts c JOIN (SELECT max(num) AS maxn, window_start, window_end FROM counts GROUP BY window_start, window_end) m
            ON c.window_start = m.window_start AND c.window_end = m.window_end AND c.num >= m.maxn`,
  },
  q7: {
    doc: "highest bid",
    sql: `SELECT b.auction, b.price, b.bidder, b.date_time, b.extra, b.window_end
          FROM (SELECT * FROM TUMBLE(bid, date_time, INTERVAL '10 seconds')) b
          JOIN (SELECT max(price) AS price, window_start, window_end
                FROM TUMBLE(bid, date_time, INTERVAL '10 seconds') GROUP BY window_start, window_end) m
            ON b.price = m.price AND b.window_start = m.window_start AND b.window_end = m.window_end`,
  },
  q8: {
    doc: "new users",
    sql: `SELECT p.id, p.name, p.window_start
          FROM (SELECT id, name, window_start, window_end FROM TUMBLE(person, date_time, INTERVAL '10 seconds')
                GROUP BY id, name, window_start, window_end) p
          JOIN (SELECT seller, window_start, window_end FROM TUMBLE(auction, date_time, INTERVAL '10 seconds')
                GROUP BY seller, window_start, window_end) a
            ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end`,
  },
  q12: {
    doc: "bids per bidder and window (event time)",
    sql: `SELECT bidder, count(*) AS bids, window_start, window_end
          FROM TUMBLE(bid, date_time, INTERVAL '10 seconds') GROUP BY bidder, window_start, window_end`,
  },
};

export const flights = {
  doc: "the main job: 3 M flights from Parquet",
  source: `CREATE SOURCE flights (date TIMESTAMP, delay BIGINT, distance BIGINT, origin TEXT, destination TEXT,
             WATERMARK FOR date AS date - INTERVAL '5' MINUTE)
           WITH (connector = 'filesystem', path = 'node_modules/vega-datasets/data/flights-3m.parquet', format = 'parquet')`,
  sql: `SELECT origin, window_start, window_end, count(*) AS flights, avg(delay) AS avg_delay, max(delay) AS worst
        FROM TUMBLE(flights, date, INTERVAL '1 hour') GROUP BY origin, window_start, window_end`,
  rows: 3_000_000,
};
