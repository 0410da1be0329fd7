-- A condition on the window itself: rows carry their windows.
CREATE STREAMING JOB recent AS
SELECT origin, window_start, count(*) AS n FROM TUMBLE(flights, date, INTERVAL '1' HOUR)
WHERE window_start >= TIMESTAMP '2001-01-01' GROUP BY origin, window_start, window_end;
