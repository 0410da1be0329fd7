CREATE STREAMING JOB unsold WITH (parallelism = 2) AS
SELECT window_start, count(*) AS auctions, count(price) AS bids
FROM TUMBLE((SELECT a.ts, b.price FROM auction a LEFT JOIN bid b
  ON a.id = b.auction AND b.ts - a.ts >= INTERVAL '0' SECOND AND b.ts < a.ts + INTERVAL '1' HOUR AND a.category > 3), ts, INTERVAL '1' HOUR)
GROUP BY window_start, window_end;
