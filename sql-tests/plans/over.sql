CREATE STREAMING JOB around AS
  SELECT auction, price, sum(price) FILTER (WHERE price > 10) OVER w AS s, lag(price, 2, -1) OVER w AS before,
    first_value(channel IGNORE NULLS) OVER (PARTITION BY auction ORDER BY price DESC ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE TIES) AS f,
    count(*) OVER (PARTITION BY bidder) AS of_bidder
  FROM bid WINDOW w AS (PARTITION BY auction ORDER BY price RANGE BETWEEN 5 PRECEDING AND CURRENT ROW);
