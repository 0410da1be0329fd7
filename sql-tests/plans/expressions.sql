CREATE STREAMING JOB e AS
SELECT CASE WHEN price BETWEEN 10 AND 20 THEN 'low' WHEN channel IN ('apple', 'google') OR channel IS NULL THEN upper(channel) ELSE coalesce(extra, '-') END AS c,
  0.908 * price AS p, price / 7 AS q, url LIKE '%item%' AS l, ts + INTERVAL '1' DAY AS tomorrow, price::text || ' $' AS t, NOT (price <> 3) AS is3, date_trunc('hour', ts) AS h
FROM bid;
