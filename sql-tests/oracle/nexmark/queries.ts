/*
 * Nexmark's queries q0 to q22 by their public definitions, in Millrace's words. Sizes of windows fit the events of the test: about
 * twenty seconds.
 */
export interface NexmarkQuery {
  readonly id: string;
  readonly sql: string;
}

/** Not among them: q12, whose windows are of processing time: no batch has its answer. q10's partitions of files are in sql-tests/e2e. */
export const nexmarkQueries: readonly NexmarkQuery[] = Object.entries({
  q0: "SELECT auction, bidder, price, date_time, extra FROM bid",
  q1: "SELECT auction, bidder, 0.908 * price AS price, date_time, extra FROM bid",
  q2: "SELECT auction, price FROM bid WHERE auction % 7 = 0",
  q3: "SELECT p.name, p.city, p.state, a.id FROM auction AS a JOIN person AS p ON a.seller = p.id WHERE a.category = 10 AND (p.state = 'OR' OR p.state = 'ID' OR p.state = 'CA')",
  q4: "SELECT q.category, avg(q.final) AS final FROM (SELECT max(b.price) AS final, a.category FROM auction AS a JOIN bid AS b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires GROUP BY a.id, a.category) AS q GROUP BY q.category",
  q5: `SELECT ab.auction, ab.num FROM (SELECT auction, count(*) AS num, window_start AS s, window_end AS e FROM HOP(bid, date_time, INTERVAL '2' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end) AS ab
       JOIN (SELECT max(num) AS maxn, s, e FROM (SELECT count(*) AS num, window_start AS s, window_end AS e FROM HOP(bid, date_time, INTERVAL '2' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end) AS c GROUP BY s, e) AS mb
       ON ab.s = mb.s AND ab.e = mb.e AND ab.num >= mb.maxn`,
  q6: `SELECT seller, id, avg(final) OVER (PARTITION BY seller ORDER BY date_time, id ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS a
       FROM (SELECT max(b.price) AS final, a.seller, a.id, max(b.date_time) AS date_time FROM auction AS a JOIN bid AS b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires GROUP BY a.id, a.seller) AS q`,
  q7: `SELECT b.auction, b.price, b.bidder, b.date_time, b.extra FROM (SELECT * FROM TUMBLE(bid, date_time, INTERVAL '10' SECOND)) AS b
       JOIN (SELECT max(price) AS maxprice, window_start, window_end FROM TUMBLE(bid, date_time, INTERVAL '10' SECOND) GROUP BY window_start, window_end) AS m
       ON b.price = m.maxprice AND b.window_start = m.window_start AND b.window_end = m.window_end`,
  q8: `SELECT p.id, p.name, p.window_start FROM (SELECT id, name, window_start, window_end FROM TUMBLE(person, date_time, INTERVAL '10' SECOND) GROUP BY id, name, window_start, window_end) AS p
       JOIN (SELECT seller, window_start, window_end FROM TUMBLE(auction, date_time, INTERVAL '10' SECOND) GROUP BY seller, window_start, window_end) AS a
       ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end`,
  q9: `SELECT id, item_name, auction, bidder, price, bid_time FROM (SELECT a.id, a.item_name, b.auction, b.bidder, b.price, b.date_time AS bid_time, row_number() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.date_time, b.bidder, b.extra) AS n
       FROM auction AS a JOIN bid AS b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires) AS x WHERE n <= 1`,
  q10: "SELECT auction, bidder, price, date_time, extra, to_char(date_time, 'YYYY-MM-DD') AS dt, to_char(date_time, 'HH24:MI') AS hm FROM bid",
  q11: "SELECT bidder, count(*) AS bid_count, window_start, window_end FROM SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(date_time), INTERVAL '1' SECOND) GROUP BY bidder, window_start, window_end",
  q13: "SELECT b.auction, b.bidder, b.price, b.date_time, s.value FROM bid AS b JOIN side_input AS s ON b.auction % 10 = s.key",
  q14: `SELECT auction, bidder, 0.908 * price AS price, CASE WHEN extract(hour FROM date_time) BETWEEN 8 AND 18 THEN 'dayTime' WHEN extract(hour FROM date_time) <= 6 OR extract(hour FROM date_time) >= 20 THEN 'nightTime' ELSE 'otherTime' END AS bid_time_type,
       date_time, extra, length(extra) - length(replace(extra, 'c', '')) AS c_counts FROM bid WHERE 0.908 * price > 1000 AND 0.908 * price < 50000000`,
  q15: `SELECT to_char(date_time, 'YYYY-MM-DD') AS day, count(*) AS total_bids, count(*) FILTER (WHERE price < 10000) AS rank1_bids, count(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bids, count(*) FILTER (WHERE price >= 1000000) AS rank3_bids,
       count(DISTINCT bidder) AS total_bidders, count(DISTINCT bidder) FILTER (WHERE price < 10000) AS rank1_bidders, count(DISTINCT auction) AS total_auctions, count(DISTINCT auction) FILTER (WHERE price >= 1000000) AS rank3_auctions FROM bid GROUP BY 1`,
  q16: `SELECT channel, to_char(date_time, 'YYYY-MM-DD') AS day, max(to_char(date_time, 'HH24:MI')) AS minute, count(*) AS total_bids, count(*) FILTER (WHERE price < 10000) AS rank1_bids, count(DISTINCT bidder) AS total_bidders,
       count(DISTINCT bidder) FILTER (WHERE price < 10000) AS rank1_bidders, count(DISTINCT auction) AS total_auctions FROM bid GROUP BY 1, 2`,
  q17: "SELECT auction, to_char(date_time, 'YYYY-MM-DD') AS day, count(*) AS total_bids, count(*) FILTER (WHERE price < 10000) AS rank1_bids, min(price) AS min_price, max(price) AS max_price, avg(price) AS avg_price, sum(price) AS sum_price FROM bid GROUP BY 1, 2",
  q18: "SELECT auction, bidder, price, date_time FROM (SELECT *, row_number() OVER (PARTITION BY bidder, auction ORDER BY date_time DESC, price, extra) AS n FROM bid) AS x WHERE n <= 1",
  q19: "SELECT auction, bidder, price, n FROM (SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price DESC, bidder, date_time, extra) AS n FROM bid) AS x WHERE n <= 10",
  q20: "SELECT b.auction, b.bidder, b.price, b.date_time, a.item_name, a.initial_bid, a.seller FROM bid AS b JOIN auction AS a ON b.auction = a.id WHERE a.category = 10",
  q21: `SELECT auction, bidder, price, channel, CASE WHEN lower(channel) = 'apple' THEN '0' WHEN lower(channel) = 'google' THEN '1' WHEN lower(channel) = 'facebook' THEN '2' WHEN lower(channel) = 'baidu' THEN '3' ELSE regexp_extract(url, '(&|^)channel_id=([^&]*)', 2) END AS channel_id
        FROM bid WHERE regexp_extract(url, '(&|^)channel_id=([^&]*)', 2) IS NOT NULL OR lower(channel) IN ('apple', 'google', 'facebook', 'baidu')`,
  q22: "SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1, split_part(url, '/', 5) AS dir2, split_part(url, '/', 6) AS dir3 FROM bid",
}).map(([id, sql]) => ({ id, sql }));
