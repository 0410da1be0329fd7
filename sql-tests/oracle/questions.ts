import { setQuestions } from "./questions-sets.ts";
import { timeJoinQuestions } from "./time-join-questions.ts";

/** Questions over bid, auction and person that a job and a batch must answer alike. */
export const questions: Readonly<Record<string, string>> = {
  "filter-project": "SELECT auction, price * 2 + 1 AS p, upper(channel) AS c, ts FROM bid WHERE price > 100 AND channel IS NOT NULL",
  "case-and-nulls":
    "SELECT coalesce(bidder, -1) AS b, CASE WHEN price < 50 THEN 'low' WHEN price < 300 THEN 'mid' ELSE 'high' END AS band, price IS NULL AS n FROM bid",
  "union-all": "SELECT auction AS a, 'bid' AS kind FROM bid UNION ALL SELECT id, 'auction' FROM auction WHERE category = 2",
  tumble:
    "SELECT auction, window_start, window_end, count(*) AS n, sum(price) AS s, avg(price) AS a, min(price) AS lo, max(channel) AS hi FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end",
  "tumble-end-only": "SELECT channel, window_end, count(price) AS n FROM TUMBLE(bid, ts, INTERVAL '7' SECOND) GROUP BY window_end, channel",
  "tumble-offset-having":
    "SELECT window_time, sum(price) AS s FROM TUMBLE(bid, ts, INTERVAL '10' SECOND, INTERVAL '3' SECOND) GROUP BY window_time HAVING count(*) > 10",
  "tumble-filter-distinct":
    "SELECT window_start, count(*) FILTER (WHERE price > 200) AS big, count(DISTINCT bidder) AS bidders, sum(DISTINCT price) FILTER (WHERE price < 100) AS d FROM TUMBLE(bid, ts, INTERVAL '20' SECOND) GROUP BY window_start, window_end",
  "tumble-expressions":
    "SELECT auction % 3 AS k, date_trunc('minute', window_start) AS m, sum(price * 2) / count(*) AS x FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) WHERE price > 0 GROUP BY auction % 3, window_start, window_end",
  "tumble-decimal":
    "SELECT seller, window_end, sum(reserve) AS r, avg(reserve) AS a, max(reserve) AS m FROM TUMBLE(auction, ts, INTERVAL '1' MINUTE) GROUP BY seller, window_start, window_end",
  hop: "SELECT auction, window_start, count(*) AS n, max(price) AS p FROM HOP(bid, ts, INTERVAL '2' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end",
  "hop-no-keys":
    "SELECT window_start, window_end, count(*) AS n FROM HOP(bid, ts, INTERVAL '5' SECOND, INTERVAL '15' SECOND) GROUP BY window_start, window_end",
  cumulate:
    "SELECT channel, window_start, window_end, sum(price) AS s FROM CUMULATE(bid, ts, INTERVAL '10' SECOND, INTERVAL '1' MINUTE) GROUP BY channel, window_start, window_end",
  session:
    "SELECT bidder, window_start, window_end, count(*) AS n, sum(price) AS s FROM SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(ts), INTERVAL '3' SECOND) GROUP BY bidder, window_start, window_end",
  "session-filtered":
    "SELECT bidder, window_end, max(price) AS top FROM SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(ts), INTERVAL '3' SECOND) WHERE price > 250 GROUP BY bidder, window_end",
  "session-filtered-by-key":
    "SELECT window_end, bidder, count(*) AS n FROM SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(ts), INTERVAL '3' SECOND) WHERE bidder > 2 GROUP BY window_end, window_start, bidder",
  "session-two-keys":
    "SELECT channel, auction, window_start, count(*) AS n FROM SESSION(TABLE bid PARTITION BY (auction, channel), DESCRIPTOR(ts), INTERVAL '20' SECOND) GROUP BY channel, auction, window_start, window_end",
  "session-all":
    "SELECT window_start, window_end, count(*) AS n FROM SESSION(person, ts, INTERVAL '3' SECOND) GROUP BY window_start, window_end",
  "window-rows": "SELECT auction, window_start, window_end FROM HOP(bid, ts, INTERVAL '5' SECOND, INTERVAL '10' SECOND) WHERE price > 300",
  "window-condition":
    "SELECT auction, window_start, count(*) AS n FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) WHERE window_start >= TIMESTAMP '2023-11-14 22:15:00' GROUP BY auction, window_start, window_end",
  "window-in-aggregate":
    "SELECT auction, min(extract(minute FROM window_start)) AS m, max(extract(second FROM ts)) AS s FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end",
  "cascade-windows":
    "SELECT window_end, max(n) AS most, count(*) AS auctions FROM (SELECT auction, window_start, window_end, count(*) AS n FROM HOP(bid, ts, INTERVAL '5' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end) GROUP BY window_start, window_end",
  "cascade-time":
    "WITH small AS (SELECT auction, window_time AS t, count(*) AS n FROM TUMBLE(bid, ts, INTERVAL '5' SECOND) GROUP BY auction, window_start, window_end, window_time) SELECT auction, window_end, sum(n) AS n FROM TUMBLE(small, t, INTERVAL '1' MINUTE) GROUP BY auction, window_end",
  "union-then-window":
    "SELECT who, window_end, count(*) AS n FROM TUMBLE((SELECT bidder AS who, ts FROM bid UNION ALL SELECT id, ts FROM person), ts, INTERVAL '10' SECOND) GROUP BY who, window_end, window_start",
  "tumble-months":
    "SELECT channel, window_start, window_end, count(*) AS n FROM TUMBLE((SELECT channel, ts FROM bid), ts, INTERVAL '1' MONTH) GROUP BY channel, window_start, window_end",
  "hop-months":
    "SELECT window_start, window_time, sum(price) AS s FROM HOP(bid, ts, INTERVAL '2' MONTH, INTERVAL '1' YEAR, INTERVAL '10' DAY) GROUP BY window_start, window_end, window_time",
  "cumulate-quarters-on-update":
    "SELECT auction, window_end, count(DISTINCT bidder) AS n FROM CUMULATE(bid, ts, INTERVAL '3' MONTH, INTERVAL '1' YEAR) GROUP BY auction, window_start, window_end EMIT ON UPDATE",
  "window-rows-of-months":
    "SELECT auction, window_start, window_end FROM CUMULATE(bid, ts, INTERVAL '1' MONTH, INTERVAL '4' MONTH) WHERE price > 300",
  "tumble-on-update":
    "SELECT auction, window_start, window_end, count(*) AS n, sum(price) AS s, min(price) AS lo, max(channel) AS hi FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end EMIT ON UPDATE",
  "hop-on-update":
    "SELECT channel, window_end, count(DISTINCT bidder) AS n, avg(price) AS a FROM HOP(bid, ts, INTERVAL '5' SECOND, INTERVAL '20' SECOND) WHERE price > 10 GROUP BY channel, window_end, window_start EMIT ON UPDATE",
  "cumulate-every":
    "SELECT channel, window_start, window_end, sum(price) AS s FROM CUMULATE(bid, ts, INTERVAL '10' SECOND, INTERVAL '1' MINUTE) GROUP BY channel, window_start, window_end EMIT EVERY INTERVAL '5' MILLISECOND",
  "cascade-on-update":
    "SELECT window_end, max(n) AS most, count(*) AS auctions, sum(n) AS all_bids FROM (SELECT auction, window_start, window_end, count(*) AS n FROM HOP(bid, ts, INTERVAL '5' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end) GROUP BY window_start, window_end EMIT ON UPDATE",
  "cascade-time-every":
    "WITH small AS (SELECT auction, window_time AS t, count(*) AS n FROM TUMBLE(bid, ts, INTERVAL '5' SECOND) GROUP BY auction, window_start, window_end, window_time) SELECT auction, window_end, sum(n) AS n, max(n) AS m FROM TUMBLE(small, t, INTERVAL '1' MINUTE) GROUP BY auction, window_end EMIT EVERY INTERVAL '3' MILLISECONDS",
  "window-update-then-group":
    "SELECT n, count(*) AS windows FROM (SELECT auction, window_start, count(*) AS n FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) GROUP BY auction, window_start) GROUP BY n EMIT ON UPDATE",
  "group-by": "SELECT channel, count(*) AS n, sum(price) AS s, max(price) AS m FROM bid GROUP BY channel",
  "group-all": "SELECT count(*) AS n, avg(price) AS a, count(DISTINCT channel) AS c FROM bid",
  "group-nothing": "SELECT count(*) AS n, sum(price) AS s FROM bid WHERE price > 100000",
  "group-over-changelog":
    "SELECT n, count(*) AS channels, sum(n) AS bids FROM (SELECT auction, count(*) AS n FROM bid GROUP BY auction) GROUP BY n",
  "group-projected-key": "SELECT count(*) AS n FROM bid GROUP BY auction",
  distinct: "SELECT DISTINCT city, name FROM person ORDER BY city",
  "nexmark-q5":
    "SELECT ab.auction, ab.num FROM (SELECT auction, count(*) AS num, window_start AS s, window_end AS e FROM HOP(bid, ts, INTERVAL '2' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end) ab JOIN (SELECT max(num) AS maxn, s, e FROM (SELECT count(*) AS num, window_start AS s, window_end AS e FROM HOP(bid, ts, INTERVAL '2' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end) GROUP BY s, e) mb ON ab.s = mb.s AND ab.e = mb.e AND ab.num >= mb.maxn",
  "nexmark-q7":
    "SELECT b.auction, b.price, b.bidder, b.ts FROM (SELECT * FROM TUMBLE(bid, ts, INTERVAL '10' SECOND)) b JOIN (SELECT max(price) AS maxprice, window_start, window_end FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) GROUP BY window_start, window_end) m ON b.price = m.maxprice AND b.window_start = m.window_start AND b.window_end = m.window_end",
  "nexmark-q8":
    "SELECT p.id, p.name, p.window_start FROM (SELECT id, name, window_start, window_end FROM TUMBLE(person, ts, INTERVAL '10' SECOND) GROUP BY id, name, window_start, window_end) p JOIN (SELECT seller, window_start, window_end FROM TUMBLE(auction, ts, INTERVAL '10' SECOND) GROUP BY seller, window_start, window_end) a ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end",
  "join-end-only-residual":
    "SELECT b.auction, a.id, b.price FROM (SELECT auction, price, window_end FROM TUMBLE(bid, ts, INTERVAL '10' SECOND)) b JOIN (SELECT id, seller, window_end FROM TUMBLE(auction, ts, INTERVAL '10' SECOND)) a ON b.auction + 1 = a.id AND b.window_end = a.window_end WHERE b.price > a.seller * 50",
  ...setQuestions,
  ...timeJoinQuestions,
  "duckdb-fallback":
    "SELECT auction, regexp_replace(url, '[ab]', 'z', 'g') AS u, price + 1 AS p FROM bid WHERE md5(channel) > '5' AND price > 100",
};
