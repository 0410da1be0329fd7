CREATE STREAMING JOB delays WITH (late_rows = 'too_late') AS
SELECT origin, window_start, sum(delay) AS delay FROM TUMBLE(flights, date, INTERVAL '1' HOUR) GROUP BY origin, window_start, window_end;
