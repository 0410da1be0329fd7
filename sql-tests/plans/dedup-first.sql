CREATE STREAMING JOB first_bids AS SELECT auction, bidder, price, ts FROM bid QUALIFY row_number() OVER (PARTITION BY bidder, auction ORDER BY ts) = 1;
