CREATE STREAMING JOB above AS SELECT auction, price FROM bid WHERE price > (SELECT avg(price) FROM bid);
