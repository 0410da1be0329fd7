-- The latest row per key, as a view: joined as of a time, its rows are versions.
CREATE VIEW latest AS SELECT id, seller, reserve, ts FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY ts DESC) AS rn FROM auction) WHERE rn = 1;
CREATE STREAMING JOB reserved AS
SELECT b.price, v.reserve FROM bid b JOIN latest FOR SYSTEM_TIME AS OF b.ts AS v ON b.auction = v.id;
