CREATE STREAMING JOB events AS
SELECT 'bid' AS kind, bidder AS who, count(*) AS n FROM TUMBLE((SELECT bidder, ts FROM bid UNION ALL SELECT id, ts FROM person), ts, INTERVAL '1' MINUTE) GROUP BY bidder, window_start, window_end
UNION ALL SELECT 'auction', seller, category FROM auction WHERE category > 5;
