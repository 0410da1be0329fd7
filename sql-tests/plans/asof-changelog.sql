CREATE STREAMING JOB latest WITH (state_ttl = '2 days') AS
SELECT b.auction, b.last, a.reserve FROM (SELECT auction, max(ts) AS last FROM bid GROUP BY auction) b ASOF JOIN auction a ON b.auction = a.id AND b.last >= a.ts;
