-- A condition on the version, in ON or WHERE, does not choose among versions.
CREATE STREAMING JOB converted WITH (parallelism = 2) AS
SELECT b.auction, b.price * r.rate AS amount, b.ts
FROM bid b JOIN rates FOR SYSTEM_TIME AS OF b.ts AS r ON b.channel = r.currency AND r.rate > 0
WHERE b.price > 10 AND r.note IS NULL;
