-- Nexmark q6: the average price of the last ten auctions that each seller has sold.
CREATE STREAMING JOB q6 AS
  SELECT seller, avg(final) OVER (PARTITION BY seller ORDER BY ts ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS average FROM (
    SELECT a.id, a.seller, b.price AS final, b.ts FROM auction a JOIN bid b ON a.id = b.auction AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '1' HOUR
    WHERE b.ts < a.expires QUALIFY row_number() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.ts) = 1);
