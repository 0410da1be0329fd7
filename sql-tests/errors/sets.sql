--fail=a job has at most 64 grouping sets in one GROUP BY
--state=54000
--at=CUBE
CREATE STREAMING JOB j AS SELECT count(*) AS n FROM bid GROUP BY CUBE (auction, bidder, price, channel, url, ts, extra);
--fail=range() of a job has at most 100000000 rows
--state=54000
--hint=Use the datagen connector for an input without end.
--at=range
CREATE STREAMING JOB j AS SELECT n FROM range(1000000000) r(n);
--fail=generate_series() with a step of months or years is not supported in a streaming job yet
--state=0A000
--at=generate_series
CREATE STREAMING JOB j AS SELECT x FROM generate_series(TIMESTAMP '2020-01-01', TIMESTAMP '2021-01-01', INTERVAL '1 month') g(x);
--fail=TABLESAMPLE is not supported in a streaming job yet
--at=TABLESAMPLE
CREATE STREAMING JOB j AS SELECT auction FROM bid TABLESAMPLE 10%;
--fail=a positional join is not supported in a streaming job yet
--at=POSITIONAL
CREATE STREAMING JOB j AS SELECT a.id FROM auction a POSITIONAL JOIN person p;
--fail=the aggregate reservoir_quantile(bigint) is not supported in a streaming job yet
--state=0A000
--at=reservoir_quantile
CREATE STREAMING JOB j AS SELECT reservoir_quantile(price, 0.5) FROM bid;
--fail=the aggregate histogram(bigint, bigint[]) is not supported in a streaming job yet
--state=0A000
--at=histogram
CREATE STREAMING JOB j AS SELECT histogram(price, [1, 2]) FROM bid;
--fail=a job has at most 64 rows of VALUES that are not literals
--state=54000
--at=VALUES
CREATE STREAMING JOB j AS SELECT a FROM (VALUES (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random()), (random())) v(a);
