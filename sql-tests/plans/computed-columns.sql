-- TIMESTAMPTZ event time from a computed column; bad rows of source and watermark in one table.
CREATE STREAMING JOB pages AS SELECT page, window_start, count(*) AS n FROM TUMBLE(clicks, seen, INTERVAL '1' MINUTE) WHERE place.city = 'Bern' GROUP BY page, window_start, window_end;
