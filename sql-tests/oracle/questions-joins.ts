/** Questions about joins without windows, and the subqueries that become joins; over bid, auction and person. */
export const joinQuestions: Readonly<Record<string, string>> = {
  "join-append-only": "SELECT a.id, b.price, b.bidder FROM auction a JOIN bid b ON a.id = b.auction WHERE a.category = 2",
  "join-null-keys": "SELECT b.auction, p.name, p.city FROM bid b LEFT JOIN person p ON b.bidder = p.id AND p.city = b.channel",
  "join-left": "SELECT a.id, a.seller, p.name FROM auction a LEFT JOIN person p ON a.seller = p.id AND a.category > 1",
  "join-left-one-sided": "SELECT a.id, p.name FROM auction a LEFT JOIN person p ON a.seller = p.id AND p.city = 'Bern'",
  "join-right": "SELECT a.id, a.seller, p.id AS person FROM auction a RIGHT JOIN person p ON a.seller = p.id AND a.category = 1",
  "join-full":
    "SELECT a.id, a.n, p.id AS person, p.n AS m FROM (SELECT id, count(*) AS n FROM auction GROUP BY id) a FULL JOIN (SELECT id, count(*) AS n FROM person GROUP BY id) p ON a.id = p.id + 2",
  "join-changelogs":
    "SELECT b.auction, b.n, a.m FROM (SELECT auction, count(*) AS n FROM bid GROUP BY auction) b JOIN (SELECT id, max(seller) AS m FROM auction GROUP BY id) a ON a.id = b.auction",
  "join-changelog-residual":
    "SELECT b.auction, b.n, a.category FROM (SELECT auction, count(*) AS n FROM bid GROUP BY auction) b LEFT JOIN auction a ON a.id = b.auction AND b.n > a.category * 30",
  "join-left-changelog-twice":
    "SELECT b.bidder, b.n, c.s FROM (SELECT bidder, count(*) AS n FROM bid GROUP BY bidder) b LEFT JOIN (SELECT bidder, sum(price) AS s FROM bid WHERE price > 300 GROUP BY bidder) c ON b.bidder = c.bidder",
  "join-self":
    "SELECT a.id, b.id AS other FROM auction a JOIN auction b ON a.seller = b.seller AND a.id < b.id AND a.category = 3 AND b.category = 3",
  "join-three-ways":
    "SELECT p.name, a.category, b.price FROM person p JOIN auction a ON p.id = a.seller JOIN bid b ON a.id = b.auction WHERE b.price > 450 AND p.city IS NOT NULL AND a.category = 0",
  "join-unconnected-neighbours":
    "SELECT count(*) AS n, max(b.price) AS top FROM person p, bid b, auction a WHERE p.id = a.seller AND a.id = b.auction AND a.category = 1",
  "join-cross": "SELECT p.id, q.n FROM person p, (SELECT channel, count(*) AS n FROM bid GROUP BY channel) q WHERE p.city = 'Ulm'",
  "join-inequality":
    "SELECT p.id, a.n FROM person p JOIN (SELECT category, count(*) AS n FROM auction GROUP BY category) a ON p.id > a.category",
  "join-not-distinct":
    "SELECT b.bidder, b.n, p.n AS m FROM (SELECT bidder, count(*) AS n FROM bid GROUP BY bidder) b JOIN (SELECT CASE WHEN id < 4 THEN id END AS id, count(*) AS n FROM person GROUP BY 1) p ON b.bidder IS NOT DISTINCT FROM p.id",
  "join-aggregated":
    "SELECT a.category, count(*) AS n, sum(b.price) AS s, count(b.price) AS c FROM auction a LEFT JOIN bid b ON a.id = b.auction GROUP BY a.category",
  "semi-in": "SELECT auction, price FROM bid WHERE auction IN (SELECT id FROM auction WHERE category = 2)",
  "semi-in-changelog": "SELECT id, seller FROM auction WHERE id IN (SELECT auction FROM bid GROUP BY auction HAVING count(*) > 60)",
  "semi-exists": "SELECT p.id, p.name FROM person p WHERE EXISTS (SELECT 1 FROM auction a WHERE a.seller = p.id AND a.category = p.id % 4)",
  "anti-not-exists":
    "SELECT p.id, p.name FROM person p WHERE NOT EXISTS (SELECT 1 FROM auction a WHERE a.seller = p.id AND a.category = p.id % 4 AND a.reserve > 95)",
  "anti-changelog":
    "SELECT id FROM auction a WHERE NOT EXISTS (SELECT 1 FROM (SELECT auction, count(*) AS n FROM bid GROUP BY auction) b WHERE b.auction = a.id AND b.n > 66)",
  "mark-not-in": "SELECT id, seller FROM auction WHERE id NOT IN (SELECT auction FROM bid WHERE price > 470)",
  "mark-not-in-nulls": "SELECT count(*) AS n FROM auction WHERE id NOT IN (SELECT bidder FROM bid)",
  "mark-value": "SELECT id, seller IN (SELECT bidder FROM bid WHERE price > 440) AS m FROM auction",
  "mark-or": "SELECT auction, price FROM bid WHERE price > 400 OR bidder IN (SELECT id FROM person WHERE city = 'Bern')",
  "mark-exists-value": "SELECT id, EXISTS (SELECT 1 FROM bid b WHERE b.auction = a.id AND b.price > 450) AS m FROM auction a",
  "scalar-uncorrelated": "SELECT auction, price FROM bid WHERE price > (SELECT avg(price) FROM bid)",
  "scalar-uncorrelated-value": "SELECT id, (SELECT max(price) FROM bid) AS top FROM auction",
  "scalar-correlated": "SELECT b.auction, b.price FROM bid b WHERE b.price > (SELECT avg(c.price) FROM bid c WHERE c.auction = b.auction)",
  "scalar-correlated-count": "SELECT p.id, (SELECT count(*) FROM auction a WHERE a.seller = p.id AND a.category > 1) AS n FROM person p",
  "scalar-correlated-filtered":
    "SELECT a.id, a.category FROM auction a WHERE a.category > 1 AND a.seller < (SELECT max(p.id) FROM person p WHERE p.id <> a.id)",
  "nexmark-q3":
    "SELECT p.name, p.city, a.id FROM auction a INNER JOIN person p ON a.seller = p.id WHERE a.category = 1 AND (p.city = 'Bern' OR p.city = 'Ulm')",
  "nexmark-q4":
    "SELECT q.category, avg(q.final) AS a FROM (SELECT max(b.price) AS final, a.category FROM auction a, bid b WHERE a.id = b.auction AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '20' SECOND GROUP BY a.id, a.category) q GROUP BY q.category",
  "nexmark-q20":
    "SELECT b.auction, b.bidder, b.price, a.seller, a.category FROM bid b INNER JOIN auction a ON b.auction = a.id WHERE a.category = 2",
  "window-join-left":
    "SELECT b.auction, b.n, b.window_end, a.m FROM (SELECT auction, window_start, window_end, count(*) AS n FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end) b LEFT JOIN (SELECT id, window_start, window_end, count(*) AS m FROM TUMBLE(auction, ts, INTERVAL '10' SECOND) GROUP BY id, window_start, window_end) a ON a.id = b.auction AND a.window_start = b.window_start AND a.window_end = b.window_end",
  "window-join-full":
    "SELECT a.id, a.window_end AS e, p.id AS person, p.window_end AS f FROM (SELECT id, window_end FROM TUMBLE(auction, ts, INTERVAL '10' SECOND)) a FULL JOIN (SELECT id, window_end FROM TUMBLE(person, ts, INTERVAL '10' SECOND)) p ON a.id = p.id AND a.window_end = p.window_end",
  "window-join-anti":
    "SELECT w.auction, w.window_end, w.price FROM (SELECT auction, price, window_end FROM TUMBLE(bid, ts, INTERVAL '10' SECOND)) w WHERE NOT EXISTS (SELECT 1 FROM (SELECT id, window_end FROM TUMBLE(auction, ts, INTERVAL '10' SECOND)) a WHERE a.id = w.auction AND a.window_end = w.window_end)",
  "window-join-left-then-group":
    "SELECT e, count(*) AS n, count(m) AS k FROM (SELECT b.window_start AS s, b.window_end AS e, a.id AS m FROM (SELECT auction, window_start, window_end FROM TUMBLE(bid, ts, INTERVAL '10' SECOND)) b LEFT JOIN (SELECT id, window_start, window_end FROM TUMBLE(auction, ts, INTERVAL '10' SECOND)) a ON a.id = b.auction AND a.window_start = b.window_start AND a.window_end = b.window_end) GROUP BY s, e",
  "scalar-correlated-outer-filter":
    "SELECT b.auction, b.price FROM bid b WHERE b.channel = 'apple' AND b.price > (SELECT avg(c.price) FROM bid c WHERE c.auction = b.auction)",
  "exists-outer-filter":
    "SELECT p.id, p.name FROM person p WHERE p.city = 'Bern' AND EXISTS (SELECT 1 FROM auction a WHERE a.seller = p.id AND a.category <> p.id % 4)",
  "tpch-q17":
    "SELECT sum(b.price) / 7.0 AS yearly FROM bid b, auction a WHERE a.id = b.auction AND a.category = 2 AND b.price < (SELECT 0.8 * avg(c.price) FROM bid c WHERE c.auction = a.id)",
  "tpch-q21":
    "SELECT p.name, count(*) AS n FROM person p, auction a, bid b WHERE p.id = a.seller AND a.id = b.auction AND b.price > 400 AND EXISTS (SELECT 1 FROM bid c WHERE c.auction = b.auction AND c.bidder <> b.bidder) AND NOT EXISTS (SELECT 1 FROM bid d WHERE d.auction = b.auction AND d.bidder = b.bidder AND d.price > b.price) GROUP BY p.name",
  "tpch-q22":
    "SELECT city, count(*) AS n, sum(id) AS s FROM person p WHERE id > (SELECT avg(id) FROM person WHERE id > 1) AND NOT EXISTS (SELECT 1 FROM auction a WHERE a.seller = p.id AND a.reserve > 95) GROUP BY city",
  "nexmark-q9":
    "SELECT id, auction, bidder, price FROM (SELECT a.id, b.auction, b.bidder, b.price, row_number() OVER (PARTITION BY a.id, a.ts ORDER BY b.price DESC, b.ts, b.bidder, b.channel, b.url) AS n FROM auction a, bid b WHERE a.id = b.auction AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '20' SECOND) WHERE n <= 1",
  "nexmark-q6":
    "SELECT seller, id, avg(final) OVER (PARTITION BY seller ORDER BY id, final ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS a FROM (SELECT max(b.price) AS final, a.seller, a.id FROM auction a, bid b WHERE a.id = b.auction AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '20' SECOND GROUP BY a.id, a.seller)",
  "in-two-columns": "SELECT auction, bidder FROM bid WHERE (auction, bidder) NOT IN (SELECT id, seller FROM auction WHERE category > 0)",
  "in-correlated-value": "SELECT p.id, p.id IN (SELECT b.bidder FROM bid b WHERE b.auction > p.id AND b.price > 470) AS m FROM person p",
  "scalar-of-groups":
    "SELECT id, category, (SELECT count(*) FROM person GROUP BY city HAVING city = 'Bern') AS n FROM auction WHERE category > 2",
  "semi-duplicates": "SELECT bidder, price FROM bid WHERE bidder IN (SELECT bidder FROM bid WHERE price > 450)",
  "anti-uncorrelated": "SELECT id FROM person WHERE NOT EXISTS (SELECT 1 FROM bid WHERE price > 100000)",
  "join-using-chain":
    "SELECT a.id, a.n, b.n AS m, c.n AS o FROM (SELECT id, count(*) AS n FROM auction GROUP BY id) a FULL JOIN (SELECT auction AS id, count(*) AS n FROM bid WHERE price > 200 GROUP BY auction) b USING (id) LEFT JOIN (SELECT id, count(*) AS n FROM person GROUP BY id) c ON c.id = b.id",
  lateral:
    "SELECT a.id, a.category, t.price FROM auction a, LATERAL (SELECT max(b.price) AS price FROM bid b WHERE b.auction = a.id AND b.price > a.category * 100) t",
};
