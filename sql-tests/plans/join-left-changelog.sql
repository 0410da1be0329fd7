CREATE STREAMING JOB counts AS
SELECT a.id, a.item, b.n FROM auction a LEFT JOIN (SELECT auction, count(*) AS n FROM bid GROUP BY auction) b ON a.id = b.auction AND b.n > a.initial;
