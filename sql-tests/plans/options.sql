CREATE STREAMING JOB delays WITH (parallelism = 4, max_parallelism = 64, operator_parallelism = 'agg=3,source=1', local_aggregate = 'off', chaining = 'off') AS
SELECT origin, window_start, sum(delay) AS delay FROM TUMBLE(flights, date, INTERVAL '1' HOUR) GROUP BY origin, window_start, window_end;
