CREATE STREAMING JOB totals AS
SELECT window_start, window_end, sum(delay) / count(*) AS mean FROM HOP(flights, date, INTERVAL '10' MINUTE, INTERVAL '1' HOUR) GROUP BY window_start, window_end;
