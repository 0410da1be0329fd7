CREATE STREAMING JOB visits AS
SELECT bidder, window_start, window_end, count(*) AS bids
FROM SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY bidder, window_start, window_end;
