CREATE STREAMING JOB near WITH (parallelism = 2) AS
SELECT p.id, q.id AS other FROM person p FULL JOIN auction q ON p.ts = q.ts - INTERVAL '5' SECOND AND p.id <> q.seller;
