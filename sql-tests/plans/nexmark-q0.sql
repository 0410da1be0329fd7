CREATE STREAMING JOB q0 AS INSERT INTO nowhere SELECT auction, bidder, price, ts, extra FROM bid;
