CREATE STREAMING JOB last_hour AS SELECT channel, count(*) AS n, max(price) AS top FROM bid WHERE ts > now() - INTERVAL '1 hour' AND price > 10 GROUP BY channel;
