CREATE STREAMING JOB days AS
WITH minutes AS (SELECT origin, window_time AS t, count(*) AS n FROM TUMBLE(flights, date, INTERVAL '1' MINUTE) GROUP BY origin, window_start, window_end, window_time)
SELECT origin, window_end, sum(n) AS n FROM TUMBLE(minutes, t, INTERVAL '1' DAY) GROUP BY origin, window_end;
