CREATE STREAMING JOB totals AS
  SELECT channel, bidder, window_end, count(*) AS bids, grouping(channel, bidder) AS level
  FROM TUMBLE(bid, ts, INTERVAL '1' MINUTE) GROUP BY window_start, window_end, ROLLUP (channel, bidder);
