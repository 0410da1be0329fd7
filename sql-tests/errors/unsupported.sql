--fail=LEFT JOIN is not supported in a streaming job yet
--state=0A000
--at=LEFT
CREATE STREAMING JOB j AS SELECT a.id, b.price FROM auction a LEFT JOIN bid b ON a.id = b.auction;
--fail=a join that is bounded neither by windows nor in time is not supported in a streaming job yet
--state=0A000
--hint=Join two windowed inputs on equal window_start, window_end and keys, or event times: b.ts BETWEEN a.ts - INTERVAL '1' HOUR AND a.ts.
--at=JOIN
CREATE STREAMING JOB j AS SELECT a.id, b.price FROM auction a JOIN bid b ON a.id = b.auction;
--fail=a join without an equality is not supported in a streaming job yet
--state=0A000
CREATE STREAMING JOB j AS SELECT a.id, b.price FROM auction a, bid b;
--fail=IN or EXISTS with a subquery is not supported in a streaming job yet
--at=IN (
CREATE STREAMING JOB j AS SELECT auction FROM bid WHERE auction IN (SELECT id FROM auction);
--fail=a recursive query is not supported in a streaming job yet
--at=RECURSIVE
CREATE STREAMING JOB j AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n FROM r;
--fail="archive" is a sink: it cannot be read
--state=42809
--at=archive
CREATE STREAMING JOB j AS SELECT * FROM archive;
--fail=list_reduce() with a lambda is not supported in a streaming job
--at=list_reduce
CREATE STREAMING JOB j AS SELECT list_reduce(tags, lambda a, b: a || b) FROM clicks;
--fail=EMIT EVERY without a window aggregate is not supported yet
--state=0A000
--at=INTERVAL
CREATE STREAMING JOB j AS SELECT channel, count(*) AS n FROM bid GROUP BY channel EMIT EVERY INTERVAL '1' SECOND;
--fail=EMIT EVERY needs a constant interval of at least a millisecond
--state=22023
--at=price
CREATE STREAMING JOB j AS SELECT window_start, count(*) AS n FROM TUMBLE(bid, ts, INTERVAL '1' MINUTE) GROUP BY window_start EMIT EVERY price;
--fail=SESSION over a changelog is not supported in a streaming job yet
CREATE STREAMING JOB j AS WITH m AS (SELECT auction, window_time AS t, count(*) AS n FROM TUMBLE(bid, ts, INTERVAL '1' MINUTE) GROUP BY auction, window_start, window_end, window_time) SELECT window_start, count(*) AS n FROM SESSION(m, t, INTERVAL '1' MINUTE) GROUP BY window_start, window_end EMIT ON UPDATE;
--fail=LIMIT or OFFSET with a percentage or a subquery is not supported in a streaming job yet
--at=LIMIT
CREATE STREAMING JOB j AS SELECT price FROM bid ORDER BY price LIMIT 10 PERCENT;
--fail=ORDER BY inside first_value() OVER is not supported in a streaming job yet
--at=first_value
CREATE STREAMING JOB j AS SELECT first_value(price ORDER BY bidder) OVER (PARTITION BY auction) FROM bid;
--fail=the window function fill() is not supported in a streaming job yet
--at=fill
CREATE STREAMING JOB j AS SELECT fill(price) OVER (PARTITION BY auction ORDER BY ts) FROM bid;
--fail=the aggregate reservoir_quantile(bigint) is not supported in a streaming job yet
--at=reservoir_quantile
CREATE STREAMING JOB j AS SELECT reservoir_quantile(price, 0.5) OVER (PARTITION BY auction ORDER BY ts) FROM bid;
