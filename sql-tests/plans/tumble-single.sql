-- One subtask: no local phase, no exchange.
CREATE STREAMING JOB delays WITH (parallelism = 1) AS
SELECT origin, window_end, count(*) FILTER (WHERE delay > 15) AS late, count(DISTINCT destination) AS destinations
FROM TUMBLE(flights, date, INTERVAL '1 hour') WHERE distance > 100 GROUP BY origin, window_end HAVING count(*) > 3;
