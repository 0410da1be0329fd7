CREATE STREAMING JOB visits AS SELECT window_start, count(*) AS bids FROM SESSION(bid, ts, INTERVAL '10' SECOND) GROUP BY window_start;
