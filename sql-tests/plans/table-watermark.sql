CREATE TABLE readings (sensor TEXT, value DOUBLE, at TIMESTAMP, WATERMARK FOR at AS at - INTERVAL '1' SECOND);
CREATE STREAMING JOB j AS SELECT sensor, window_start, avg(value) AS value FROM TUMBLE(readings, at, INTERVAL '1' MINUTE) GROUP BY 1, 2;
