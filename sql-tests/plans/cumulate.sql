CREATE STREAMING JOB day AS
SELECT origin, window_end, sum(delay * 2) AS d, min(extract(hour FROM window_start)) AS h
FROM CUMULATE(flights, date, INTERVAL '1' HOUR, INTERVAL '1' DAY) GROUP BY origin, window_start, window_end;
