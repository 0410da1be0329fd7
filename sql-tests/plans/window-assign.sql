CREATE STREAMING JOB labelled AS SELECT origin, delay, window_start, window_end FROM TUMBLE(flights, date, INTERVAL '1' HOUR, INTERVAL '15' MINUTE);
