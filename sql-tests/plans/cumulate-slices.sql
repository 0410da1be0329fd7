CREATE STREAMING JOB day AS
SELECT origin, window_time, sum(delay) AS d FROM TABLE(CUMULATE(TABLE flights, DESCRIPTOR(date), INTERVAL '1' HOUR, INTERVAL '1' DAY)) GROUP BY origin, window_time;
