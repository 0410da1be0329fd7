--fail="delay_time" is not an event time column: no watermark speaks of it
--state=42809
CREATE STREAMING JOB j AS SELECT count(*) FROM TUMBLE((SELECT delay, CAST(date AS TIMESTAMP) AS d, date + INTERVAL '1' DAY AS delay_time FROM flights), delay_time, INTERVAL '1' HOUR) GROUP BY window_start, window_end;
--fail="e" is not an event time column: no watermark speaks of it
--state=42809
--hint=Pass window_time on from the inner query and window by it.
CREATE STREAMING JOB j AS SELECT sum(n) FROM TUMBLE((SELECT window_end AS e, n FROM hourly), e, INTERVAL '1' DAY) GROUP BY window_start, window_end;
--fail=size of HOP must be a multiple of its slide
--state=22023
CREATE STREAMING JOB j AS SELECT count(*) FROM HOP(flights, date, INTERVAL '7' MINUTE, INTERVAL '1' HOUR) GROUP BY window_start, window_end;
--fail=the PARTITION BY of SESSION must appear in GROUP BY
--state=42803
--hint=GROUP BY bidder, window_start, window_end.
--at=SESSION
CREATE STREAMING JOB j AS SELECT count(*) FROM SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end;
--fail=GROUP BY window_start alone over CUMULATE is not supported in a streaming job yet
--state=0A000
CREATE STREAMING JOB j AS SELECT count(*) FROM CUMULATE(flights, date, INTERVAL '1' HOUR, INTERVAL '1' DAY) GROUP BY window_start;
--fail=TUMBLE over a changelog is not supported
--state=42809
CREATE STREAMING JOB j AS SELECT count(*) FROM TUMBLE((SELECT channel, max(ts) AS n FROM bid GROUP BY channel), n, INTERVAL '1' HOUR) GROUP BY window_start, window_end;
--fail="seen" is not an event time column: no watermark speaks of it
--state=42809
--hint=Declare it in the source: WATERMARK FOR ts AS ts - INTERVAL '5' SECOND.
--at=seen
CREATE SOURCE bare (n BIGINT, seen TIMESTAMP) WITH (connector = 'datagen');
CREATE STREAMING JOB j AS SELECT n FROM TUMBLE(bare, seen, INTERVAL '1' HOUR);
--fail="expires" is not an event time column: no watermark speaks of it
--state=42809
--hint=Event time here is "ts".
--at=expires
CREATE STREAMING JOB j AS SELECT id FROM TUMBLE(auction, expires, INTERVAL '1' HOUR);
--fail=time zone "Berlin" not recognized
--state=22023
--at='Berlin'
CREATE STREAMING JOB j WITH (timezone = 'Berlin') AS SELECT window_start, count(*) AS n FROM TUMBLE(clicks, seen, INTERVAL '1' DAY) GROUP BY window_start;
--fail=a time zone for TUMBLE needs a time column of type TIMESTAMP WITH TIME ZONE
--state=42804
CREATE STREAMING JOB j AS SELECT window_start, count(*) AS n FROM TUMBLE(bid, ts, INTERVAL '1' DAY, timezone => 'Europe/Berlin') GROUP BY window_start;
--fail=GROUP BY window_start alone over HOP is not supported in a streaming job yet
--hint=GROUP BY window_start, window_end.
CREATE STREAMING JOB j AS SELECT window_start, count(*) AS n FROM HOP(bid, ts, INTERVAL '1' MONTH, INTERVAL '2' MONTH) GROUP BY window_start;
