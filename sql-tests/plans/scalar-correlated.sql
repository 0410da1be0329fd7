CREATE STREAMING JOB above AS
SELECT b.auction, b.price FROM bid b WHERE b.channel = 'apple' AND b.price > (SELECT avg(c.price) FROM bid c WHERE c.auction = b.auction);
