--fail=column "acution" does not exist
--state=42703
--hint=Perhaps you meant "auction".
--at=acution
CREATE STREAMING JOB j AS SELECT acution FROM bid;
--fail=relation "flihgts" does not exist
--state=42P01
--hint=Perhaps you meant "flights".
--at=flihgts
CREATE STREAMING JOB j AS SELECT * FROM flihgts;
--fail=relation "flihgts" does not exist
--state=42P01
--hint=Perhaps you meant "flights".
--at=flihgts
CREATE STREAMING JOB j AS SELECT origin, count(*) FROM TUMBLE(flihgts, date, INTERVAL '1' HOUR) GROUP BY origin, window_start, window_end;
--fail=column "dat" does not exist
--state=42703
--hint=Perhaps you meant "date".
--at=dat,
CREATE STREAMING JOB j AS SELECT origin, count(*) FROM TUMBLE(flights, dat, INTERVAL '1' HOUR) GROUP BY origin, window_start, window_end;
--fail=function uper does not exist
--state=42883
--at=uper
CREATE STREAMING JOB j AS SELECT uper(origin) FROM flights;
--fail=column "delay" must appear in the GROUP BY clause or be used in an aggregate function
--state=42803
--at=delay
CREATE STREAMING JOB j AS SELECT origin, delay FROM flights GROUP BY origin;
--fail=column reference "ts" is ambiguous
--state=42702
--at=ts
CREATE STREAMING JOB j AS SELECT ts FROM bid, auction;
--fail=column "origin" specified more than once
--state=42701
--at=origin
CREATE STREAMING JOB j AS SELECT origin, destination AS origin FROM flights;
--fail=there is no parameter $1
--state=42P02
CREATE STREAMING JOB j AS SELECT origin FROM flights WHERE delay > $1;
