CREATE STREAMING JOB best AS SELECT DISTINCT ON (auction) auction, bidder, price FROM bid ORDER BY auction, price DESC, bidder;
