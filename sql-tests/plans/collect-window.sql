CREATE STREAMING JOB shapes AS
  SELECT window_end, quantile_cont(price, 0.9) AS q, list(price ORDER BY ts) AS prices, corr(price, auction) AS c
  FROM TUMBLE(bid, ts, INTERVAL '1' MINUTE) GROUP BY window_start, window_end;
