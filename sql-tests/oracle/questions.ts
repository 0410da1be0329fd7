import { aggregateQuestions } from "./questions-aggregates.ts";
import { joinQuestions } from "./questions-joins.ts";
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
  "session-more-keys":
    "SELECT bidder, channel, window_start, window_end, count(*) AS n, max(price) AS top FROM SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(ts), INTERVAL '2' SECOND) WHERE price > 20 GROUP BY bidder, channel, window_start, window_end",
  "session-rows":
    "SELECT bidder, price, window_start, window_end FROM SESSION(bid PARTITION BY bidder, ts, INTERVAL '2' SECOND) WHERE price > 200",
  "session-on-update":
    "SELECT bidder, window_start, window_end, count(*) AS n, sum(price) AS s FROM SESSION(bid PARTITION BY bidder, ts, INTERVAL '3' SECOND) GROUP BY bidder, window_start, window_end EMIT ON UPDATE",
  "session-every-filtered":
    "SELECT auction, channel, window_end, min(price) AS lo FROM SESSION(bid PARTITION BY auction, ts, INTERVAL '4' SECOND) WHERE price > 100 GROUP BY auction, channel, window_start, window_end EMIT EVERY INTERVAL '5' MILLISECOND",
  "session-window-expression":
    "SELECT bidder, window_start, max(extract(epoch FROM window_end - ts)) AS m FROM SESSION(bid PARTITION BY bidder, ts, INTERVAL '3' SECOND) GROUP BY bidder, window_start, window_end",
  "session-then-tumble":
    "WITH visits AS (SELECT bidder, window_time AS t, count(*) AS n FROM SESSION(bid PARTITION BY bidder, ts, INTERVAL '3' SECOND) GROUP BY bidder, window_start, window_end, window_time) SELECT window_end, count(*) AS visits, max(n) AS longest FROM TUMBLE(visits, t, INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
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
  ...aggregateQuestions,
  "duckdb-fallback":
    "SELECT auction, regexp_replace(url, '[ab]', 'z', 'g') AS u, price + 1 AS p FROM bid WHERE md5(channel) > '5' AND price > 100",
  "top-n":
    "SELECT auction, price, url, channel, ts, n FROM (SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price DESC, ts, channel, bidder, url) AS n FROM bid) WHERE n <= 3",
  "top-n-without-rank":
    "SELECT auction, price, ts FROM (SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price, ts DESC, bidder, channel) AS n FROM bid) WHERE n BETWEEN 2 AND 4",
  "rank-ties":
    "SELECT bidder, price, r FROM (SELECT bidder, price, rank() OVER (PARTITION BY bidder ORDER BY price DESC) AS r FROM bid) WHERE r <= 4",
  "dense-rank-ties":
    "SELECT channel, price % 7 AS p FROM bid QUALIFY dense_rank() OVER (PARTITION BY channel ORDER BY price % 7 DESC NULLS LAST) < 3",
  "rank-other-conditions":
    "SELECT auction, n FROM (SELECT auction, price, row_number() OVER (PARTITION BY auction ORDER BY price DESC, ts) AS n FROM bid) WHERE n <= 5 AND price > 100 AND n <> 2",
  "top-n-over-changelog":
    "SELECT city, name, n, place FROM (SELECT *, row_number() OVER (PARTITION BY city ORDER BY n DESC, name) AS place FROM (SELECT city, name, count(*) AS n FROM person GROUP BY city, name)) WHERE place <= 2",
  "rank-over-changelog":
    "SELECT n, r FROM (SELECT n, rank() OVER (ORDER BY n DESC) AS r FROM (SELECT bidder, channel, count(*) % 5 AS n FROM bid GROUP BY bidder, channel)) WHERE r <= 9",
  "dedup-last":
    "SELECT bidder, auction, price, ts FROM (SELECT *, row_number() OVER (PARTITION BY bidder, auction ORDER BY ts DESC, price, channel) AS n FROM bid) WHERE n = 1",
  "dedup-first":
    "SELECT bidder, auction, ts, n FROM (SELECT *, row_number() OVER (PARTITION BY bidder, auction ORDER BY ts, price, channel, url) AS n FROM bid) WHERE n = 1",
  "first-three":
    "SELECT auction, ts, n FROM (SELECT auction, ts, row_number() OVER (PARTITION BY auction ORDER BY ts) AS n FROM bid) WHERE n <= 3",
  "distinct-on": "SELECT DISTINCT ON (auction) auction, price, ts FROM bid ORDER BY auction, price DESC NULLS LAST, ts, bidder",
  "order-limit-offset": "SELECT auction, price, ts FROM bid ORDER BY price DESC NULLS LAST, ts, bidder LIMIT 12 OFFSET 5",
  "limit-expression": "SELECT channel, sum(price) AS s FROM bid GROUP BY channel ORDER BY s % 10, channel LIMIT 3",
  "limit-any": "SELECT count(*) AS n FROM (SELECT auction FROM bid WHERE price > 100 LIMIT 40)",
  offset: "SELECT name, n FROM (SELECT name, city, count(*) AS n FROM person GROUP BY name, city) ORDER BY n DESC, name, city OFFSET 4",
  "window-top-n":
    "SELECT window_end, auction, n, place FROM (SELECT *, rank() OVER (PARTITION BY window_start, window_end ORDER BY n DESC) AS place FROM (SELECT auction, window_start, window_end, count(*) AS n FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end)) WHERE place <= 2",
  "window-top-n-rows":
    "SELECT window_start, bidder, price, ts FROM (SELECT *, row_number() OVER (PARTITION BY window_start, bidder ORDER BY price DESC, ts, auction, channel) AS n FROM HOP(bid, ts, INTERVAL '5' SECOND, INTERVAL '10' SECOND)) WHERE n <= 2",
  "over-ranks":
    "SELECT auction, price, row_number() OVER (PARTITION BY auction ORDER BY price, ts, bidder, channel, url) AS a, rank() OVER w AS b, dense_rank() OVER w AS c, percent_rank() OVER w AS d, cume_dist() OVER w AS e FROM bid WINDOW w AS (PARTITION BY auction ORDER BY price DESC)",
  "over-rows":
    "SELECT bidder, ts, sum(price) OVER w AS s, count(*) OVER w AS n, min(channel) OVER w AS lo, avg(price) OVER w AS a FROM bid WINDOW w AS (PARTITION BY bidder ORDER BY price, ts, auction, channel, url ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING)",
  "over-range":
    "SELECT channel, price, sum(price) OVER w AS s, count(DISTINCT auction) OVER w AS n, max(auction) OVER (PARTITION BY channel ORDER BY price DESC RANGE BETWEEN 30 PRECEDING AND 10 PRECEDING) AS m FROM bid WINDOW w AS (PARTITION BY channel ORDER BY price RANGE BETWEEN 20 PRECEDING AND 15 FOLLOWING)",
  "over-range-time":
    "SELECT auction, ts, count(*) OVER (PARTITION BY auction ORDER BY ts RANGE BETWEEN INTERVAL '5' SECOND PRECEDING AND INTERVAL '3' SECOND FOLLOWING) AS n FROM bid",
  "over-groups-exclude":
    "SELECT auction, price % 9 AS p, sum(price) OVER (w GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) AS a, sum(price) OVER (w RANGE UNBOUNDED PRECEDING EXCLUDE GROUP) AS b, count(*) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES) AS c FROM (SELECT DISTINCT auction, price FROM bid) WINDOW w AS (PARTITION BY auction ORDER BY price % 9)",
  "over-values":
    "SELECT auction, ts, price, lag(price) OVER w AS a, lead(price, 2, -1) OVER w AS b, lag(price, 1, 0 IGNORE NULLS) OVER w AS c, first_value(price) OVER w AS d, last_value(price IGNORE NULLS) OVER w AS e, nth_value(price, 3) OVER (w ROWS BETWEEN 4 PRECEDING AND 1 FOLLOWING) AS f, ntile(4) OVER w AS g FROM bid WINDOW w AS (PARTITION BY auction ORDER BY ts, bidder, price, channel)",
  "over-whole-partition":
    "SELECT id, seller, reserve, sum(reserve) OVER (PARTITION BY seller) AS s, reserve - avg(reserve) OVER (PARTITION BY category) AS a, max(ts) FILTER (WHERE reserve > 50) OVER () AS t FROM auction",
  "over-changelog":
    "SELECT city, name, n, sum(n) OVER (PARTITION BY city ORDER BY name) AS running, lag(name) OVER (PARTITION BY city ORDER BY n, name) AS before FROM (SELECT city, name, count(*) AS n FROM person GROUP BY city, name)",
  "over-of-aggregate": "SELECT channel, sum(sum(price)) OVER (ORDER BY channel) AS s, count(*) AS n FROM bid GROUP BY channel",
  "over-then-group":
    "SELECT d, count(*) AS n FROM (SELECT price - lag(price) OVER (PARTITION BY bidder ORDER BY ts, auction, price, channel) AS d FROM bid) GROUP BY d",
  "rank-qualified-by-alias":
    "SELECT auction, price, row_number() OVER (PARTITION BY auction ORDER BY price DESC, ts, channel, bidder) AS n FROM bid QUALIFY n BETWEEN 2 AND 3 AND price > 20",
  "over-windows":
    "SELECT window_end, auction, n, sum(n) OVER (PARTITION BY window_start, window_end) AS total, row_number() OVER (PARTITION BY window_end ORDER BY n DESC, auction) AS place, lead(n) OVER (PARTITION BY window_end ORDER BY auction) AS next FROM (SELECT auction, window_start, window_end, count(*) AS n FROM HOP(bid, ts, INTERVAL '5' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end)",
  "over-windows-then-group":
    "SELECT window_end, max(share) AS top, count(*) AS n FROM (SELECT window_start, window_end, price * 100 / sum(price) OVER (PARTITION BY window_start, window_end) AS share FROM TUMBLE(bid, ts, INTERVAL '20' SECOND) WHERE price > 0) GROUP BY window_start, window_end",
  "over-event-time":
    "SELECT auction, ts, price, sum(price) OVER w AS s, count(*) OVER w AS n, row_number() OVER (PARTITION BY auction ORDER BY ts, price, bidder, channel) AS r, dense_rank() OVER w AS d FROM bid WINDOW w AS (PARTITION BY auction ORDER BY ts)",
  "over-event-time-bounded":
    "SELECT bidder, ts, avg(price) OVER (PARTITION BY bidder ORDER BY ts, price, auction, channel ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS a, max(price) OVER (PARTITION BY bidder ORDER BY ts RANGE INTERVAL '5' SECOND PRECEDING) AS m, lag(price, 2) OVER (PARTITION BY bidder ORDER BY ts, price, auction, channel) AS l FROM bid",
  ...joinQuestions,
};
