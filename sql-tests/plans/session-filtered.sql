-- The condition must not change the sessions.
CREATE STREAMING JOB visits AS
SELECT bidder, window_end, max(price) AS top
FROM SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(ts), INTERVAL '10' SECOND) WHERE price > 100 GROUP BY bidder, window_end;
