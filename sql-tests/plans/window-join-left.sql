CREATE STREAMING JOB quiet AS
SELECT a.id, a.window_end, b.n FROM (SELECT id, window_start, window_end FROM TUMBLE(auction, ts, INTERVAL '10' SECOND)) a
LEFT JOIN (SELECT auction, window_start, window_end, count(*) AS n FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end) b
ON a.id = b.auction AND a.window_start = b.window_start AND a.window_end = b.window_end;
