CREATE STREAMING JOB delays WITH (parallelism = 2) AS
SELECT origin, window_start, window_end, count(*) AS flights, avg(delay) AS avg_delay, max(delay) AS worst
FROM TUMBLE(flights, date, INTERVAL '1 hour') GROUP BY origin, window_start, window_end;
