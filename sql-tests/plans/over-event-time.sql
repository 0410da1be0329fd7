CREATE STREAMING JOB moving AS
  SELECT bidder, ts, price, avg(price) OVER (w ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS moving_average,
    sum(price) OVER w AS running, max(price) OVER (w RANGE BETWEEN INTERVAL '1' MINUTE PRECEDING AND CURRENT ROW) AS highest, row_number() OVER w AS n
  FROM bid WINDOW w AS (PARTITION BY bidder ORDER BY ts);
