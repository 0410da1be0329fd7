CREATE STREAMING JOB bought WITH (parallelism = 2) AS
SELECT a.id, a.ts, b.price, b.ts AS bid_at
FROM auction a JOIN bid b ON a.id = b.auction AND b.ts BETWEEN a.ts - INTERVAL '1' SECOND AND a.ts + INTERVAL '10' MINUTE AND b.price > a.reserve;
