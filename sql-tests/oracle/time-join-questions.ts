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
};
