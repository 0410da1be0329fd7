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
--fail=a join condition that reads the clock or is random is not supported in a streaming job yet
--at=now
CREATE STREAMING JOB j AS SELECT a.price FROM bid a LEFT JOIN bid b ON a.auction = b.auction AND a.price + b.price > extract(epoch FROM now());
