CREATE STREAMING JOB top3 AS
  SELECT * FROM (
    SELECT *, rank() OVER (PARTITION BY window_start, window_end ORDER BY n DESC) AS place FROM (
      SELECT auction, window_start, window_end, count(*) AS n FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end))
  WHERE place <= 3;
