CREATE STREAMING JOB histogram AS SELECT n, count(*) AS channels, sum(n) AS bids FROM (SELECT channel, count(*) AS n FROM bid GROUP BY channel) GROUP BY n;
