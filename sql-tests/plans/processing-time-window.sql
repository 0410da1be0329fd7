CREATE SOURCE arrivals (v BIGINT, k TEXT, arrived AS PROCTIME()) WITH (connector = 'datagen');
CREATE STREAMING JOB rate AS SELECT k, window_start, count(*) AS n FROM TUMBLE(arrivals, arrived, INTERVAL '5' SECOND) GROUP BY k, window_start, window_end;
