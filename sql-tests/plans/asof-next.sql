CREATE STREAMING JOB upcoming WITH (parallelism = 2) AS
SELECT b.auction, b.price, a.reserve, a.ts FROM bid b ASOF LEFT JOIN auction a ON b.auction = a.id AND b.ts < a.ts;
