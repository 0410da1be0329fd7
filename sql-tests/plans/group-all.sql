CREATE STREAMING JOB everything AS SELECT count(*) AS n, sum(price) AS total FROM bid;
