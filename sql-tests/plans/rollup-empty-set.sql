CREATE STREAMING JOB totals AS SELECT channel, sum(price) AS total FROM bid GROUP BY ROLLUP (channel);
