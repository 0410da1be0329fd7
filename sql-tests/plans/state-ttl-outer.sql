CREATE STREAMING JOB kept WITH (state_ttl = '6h') AS
  SELECT b.price, s.n, row_number() OVER (PARTITION BY b.auction ORDER BY s.n) AS place
  FROM (SELECT auction, price FROM bid EXCEPT SELECT id, reserve FROM auction) b
  LEFT JOIN (SELECT seller, count(*) AS n FROM auction GROUP BY seller) s ON b.auction = s.seller
  WHERE b.price IN (SELECT price FROM bid);
