CREATE STREAMING JOB shares AS
  SELECT auction, window_end, n, sum(n) OVER (PARTITION BY window_start, window_end) AS total FROM (
    SELECT auction, window_start, window_end, count(*) AS n FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end);
