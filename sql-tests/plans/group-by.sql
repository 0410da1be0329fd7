CREATE STREAMING JOB per_channel AS SELECT channel, count(*) AS bids, max(price) AS top FROM bid GROUP BY channel ORDER BY bids DESC;
