/** Joins of rows by their times, over bid, auction and person. */
export const timeJoinQuestions: Readonly<Record<string, string>> = {
  "interval-join":
    "SELECT a.id, a.ts, b.bidder, b.price, b.ts AS bts FROM auction a JOIN bid b ON a.id = b.auction AND b.ts BETWEEN a.ts - INTERVAL '1' SECOND AND a.ts + INTERVAL '30' SECOND",
  "interval-join-left":
    "SELECT a.id, a.ts, b.price, b.ts AS bts FROM auction a LEFT JOIN bid b ON a.id = b.auction AND b.ts >= a.ts AND b.ts < a.ts + INTERVAL '3' SECOND AND b.price > 50 AND a.category > 0",
  "interval-join-right":
    "SELECT a.id, b.auction, b.bidder, b.ts FROM auction a RIGHT JOIN bid b ON a.id = b.auction AND b.ts - a.ts BETWEEN INTERVAL '1' SECOND AND INTERVAL '2' SECOND",
  "interval-join-full":
    "SELECT p.id, p.ts, b.bidder, b.ts AS bts FROM person p FULL JOIN bid b ON p.id = b.bidder AND p.ts > b.ts - INTERVAL '2' SECOND AND p.ts <= b.ts AND b.price > p.id * 20",
  "interval-join-no-keys":
    "SELECT p.id, a.id AS other, p.ts FROM person p JOIN auction a ON a.ts BETWEEN p.ts - INTERVAL '500' MILLISECOND AND p.ts WHERE p.name <> 'bob'",
  "interval-join-then-window":
    "SELECT window_end, count(*) AS n, count(DISTINCT id) AS ids FROM TUMBLE((SELECT a.id, b.ts FROM auction a JOIN bid b ON a.id = b.auction AND b.ts BETWEEN a.ts - INTERVAL '5' SECOND AND a.ts + INTERVAL '5' SECOND), ts, INTERVAL '20' SECOND) GROUP BY window_start, window_end",
  "interval-join-self":
    "SELECT x.auction, x.ts, y.ts AS then FROM bid x JOIN bid y ON x.auction = y.auction AND y.ts > x.ts AND y.ts < x.ts + INTERVAL '4' SECOND",
  "interval-join-of-three":
    "SELECT p.id, a.category, b.price FROM person p JOIN auction a ON p.id = a.seller AND a.ts BETWEEN p.ts - INTERVAL '10' SECOND AND p.ts JOIN bid b ON b.auction = a.id AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '2' SECOND",
  "interval-exists":
    "SELECT a.id, a.ts FROM auction a WHERE a.category > 0 AND EXISTS (SELECT 1 FROM bid b WHERE b.auction = a.id AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '1' SECOND AND b.price > a.seller)",
  "interval-not-exists":
    "SELECT a.id, a.ts FROM auction a WHERE NOT EXISTS (SELECT 1 FROM bid b WHERE b.bidder = a.seller AND b.ts > a.ts - INTERVAL '2' SECOND AND b.ts < a.ts)",
  "asof-join": "SELECT b.auction, b.ts, a.seller, a.ts AS since FROM bid b ASOF JOIN auction a ON b.auction = a.id AND b.ts >= a.ts",
  "asof-join-left":
    "SELECT b.bidder, b.ts, a.category, a.ts AS since FROM bid b ASOF LEFT JOIN auction a ON b.bidder = a.id AND b.ts > a.ts AND a.category > 1",
  "asof-join-no-keys": "SELECT p.id, p.ts, a.ts AS since FROM person p ASOF JOIN auction a ON p.ts >= a.ts WHERE a.reserve > 10",
  "asof-join-then-window":
    "SELECT window_start, count(*) AS n, sum(reserve) AS r FROM TUMBLE((SELECT b.ts, a.reserve FROM bid b ASOF JOIN auction a ON b.auction = a.id AND b.ts >= a.ts), ts, INTERVAL '10' SECOND) GROUP BY window_start, window_end",
  "asof-next": "SELECT b.auction, b.ts, a.seller, a.ts AS next FROM bid b ASOF JOIN auction a ON b.auction = a.id AND b.ts <= a.ts",
  "asof-next-left":
    "SELECT b.bidder, b.ts, a.category, a.ts AS next FROM bid b ASOF LEFT JOIN auction a ON b.bidder = a.id AND b.ts < a.ts AND a.category > 1",
  "asof-changelogs":
    "SELECT b.auction, b.n, b.last, a.m, a.ts FROM (SELECT auction, count(*) AS n, max(ts) AS last FROM bid GROUP BY auction) b ASOF LEFT JOIN (SELECT id, ts, max(seller) AS m FROM auction GROUP BY id, ts) a ON a.id = b.auction AND b.last >= a.ts",
  "asof-without-watermark":
    "SELECT b.auction, b.price, a.reserve FROM bid b ASOF JOIN auction a ON b.auction = a.category AND b.price >= a.reserve WHERE b.price IS NOT NULL",
  "asof-of-one-row":
    "SELECT x.n, count(*) AS c, max(a.ts) AS last FROM (SELECT id, count(*) AS n, max(ts) AS ts FROM person GROUP BY id) x ASOF JOIN auction a ON x.ts > a.ts GROUP BY x.n",
  "versioned-join":
    "SELECT b.auction, b.ts, a.seller, a.reserve FROM bid b JOIN auction FOR SYSTEM_TIME AS OF b.ts AS a ON a.id = b.auction AND a.reserve > 50 WHERE a.category <> 1",
  "versioned-join-left":
    "SELECT b.auction, b.ts, auction.seller FROM bid b LEFT JOIN auction FOR SYSTEM_TIME AS OF b.ts ON auction.id = b.auction AND (auction.reserve > 50 OR b.price > 300)",
  "versioned-view":
    "SELECT b.auction, b.ts, v.seller FROM bid b JOIN (SELECT id, seller FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY ts DESC) AS rn FROM auction) WHERE rn = 1) FOR SYSTEM_TIME AS OF b.ts AS v ON v.id = b.auction",
};

/** The batch's own words for what only a stream says in another way. */
export const batchForms: Readonly<Record<string, string>> = {
  "versioned-join":
    "SELECT b.auction, b.ts, a.seller, a.reserve FROM bid b ASOF JOIN auction a ON a.id = b.auction AND b.ts >= a.ts WHERE a.reserve > 50 AND a.category <> 1",
  "versioned-view": "SELECT b.auction, b.ts, a.seller FROM bid b ASOF JOIN auction a ON a.id = b.auction AND b.ts >= a.ts",
  "versioned-join-left":
    "SELECT b.auction, b.ts, CASE WHEN a.reserve > 50 OR b.price > 300 THEN a.seller END AS seller FROM bid b ASOF LEFT JOIN auction a ON a.id = b.auction AND b.ts >= a.ts",
};
