CREATE STREAMING JOB two AS BEGIN
  INSERT INTO archive (flights, origin) SELECT count(*), origin FROM TUMBLE(flights, date, INTERVAL '1' HOUR) GROUP BY origin, window_start, window_end;
  INSERT INTO nowhere SELECT * FROM hourly;
END;
