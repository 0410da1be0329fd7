CREATE STREAMING JOB three AS
SELECT p.name, b.price FROM person p, bid b, auction a WHERE p.id = a.seller AND a.id = b.auction;
