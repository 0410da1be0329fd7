CREATE STREAMING JOB best AS SELECT auction, price, row_number() OVER (PARTITION BY auction ORDER BY price DESC) AS n FROM bid QUALIFY n <= 2;
