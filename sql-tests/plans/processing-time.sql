CREATE STREAMING JOB stale AS SELECT origin, now() - CAST(date AS TIMESTAMPTZ) AS age FROM flights WHERE date < now() - INTERVAL '1' DAY;
