CREATE STREAMING JOB answered AS
SELECT a.id FROM auction a WHERE EXISTS (SELECT 1 FROM bid b WHERE b.auction = a.id AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '1' HOUR);
