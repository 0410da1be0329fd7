CREATE STREAMING JOB shapes AS
  SELECT channel, median(n) AS m, string_agg(DISTINCT top, ',' ORDER BY top DESC) AS tops, sum(total / 3) AS thirds, max(n) AS most
  FROM (SELECT channel, bidder, count(*) AS n, max(url) AS top, sum(price) AS total FROM bid GROUP BY channel, bidder) GROUP BY channel;
