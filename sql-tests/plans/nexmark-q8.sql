CREATE STREAMING JOB q8 AS
SELECT p.id, p.name, p.window_start FROM
  (SELECT id, name, window_start, window_end FROM TUMBLE(person, ts, INTERVAL '10' SECOND) GROUP BY id, name, window_start, window_end) p
JOIN
  (SELECT seller, window_start, window_end FROM TUMBLE(auction, ts, INTERVAL '10' SECOND) GROUP BY seller, window_start, window_end) a
ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end;
