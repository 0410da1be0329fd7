CREATE STREAMING JOB opened WITH (parallelism = 2) AS
SELECT b.auction, b.price, a.reserve, b.ts FROM bid b ASOF LEFT JOIN auction a ON b.auction = a.id AND b.ts > a.ts;
