CREATE STREAMING JOB busiest AS
SELECT max(n) AS n, window_end FROM hourly GROUP BY window_start, window_end;
