CREATE STREAMING JOB q7 AS
SELECT b.auction, b.price, b.bidder, b.ts FROM (SELECT * FROM TUMBLE(bid, ts, INTERVAL '10' SECOND)) b
JOIN (SELECT max(price) AS maxprice, window_start, window_end FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) GROUP BY window_start, window_end) m
ON b.price = m.maxprice AND b.window_start = m.window_start AND b.window_end = m.window_end;
