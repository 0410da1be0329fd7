CREATE STREAMING JOB recent WITH (state_ttl = '36 hours') AS SELECT channel, count(*) AS n FROM bid GROUP BY channel;
