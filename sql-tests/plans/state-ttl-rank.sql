CREATE STREAMING JOB firsts WITH (state_ttl = '1 day') AS
  SELECT f.bidder, l.auction FROM
    (SELECT * FROM bid QUALIFY row_number() OVER (PARTITION BY bidder ORDER BY ts) = 1) f
    JOIN (SELECT * FROM bid QUALIFY row_number() OVER (PARTITION BY auction ORDER BY price DESC) <= 3) l ON f.auction = l.auction;
