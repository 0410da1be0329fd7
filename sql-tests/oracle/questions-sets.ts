/** Set operations, grouping sets, lists, literal rows, and aggregates over changelogs. `latest` is a changelog: a row per bidder that changes. */
const latest = "(SELECT bidder % 4 AS b, count(*) % 7 AS n, max(price) AS top FROM bid GROUP BY bidder % 4, auction)";

export const setQuestions: Readonly<Record<string, string>> = {
  except: "SELECT bidder FROM bid WHERE price > 100 EXCEPT SELECT id FROM person WHERE city = 'Ulm'",
  "except-all": "SELECT auction, channel FROM bid WHERE price > 100 EXCEPT ALL SELECT auction, channel FROM bid WHERE price < 60",
  intersect: "SELECT auction FROM bid INTERSECT SELECT id FROM auction WHERE category > 1",
  "intersect-all": "SELECT auction FROM bid WHERE price > 250 INTERSECT ALL SELECT id FROM auction",
  "intersect-nested":
    "(SELECT auction FROM bid INTERSECT SELECT id FROM auction) UNION SELECT id FROM person EXCEPT SELECT seller FROM auction WHERE category = 3",
  "except-over-changelog": `SELECT b, n FROM ${latest} EXCEPT SELECT auction, category FROM (SELECT seller AS auction, category FROM auction)`,
  "except-all-over-changelog": `SELECT n FROM ${latest} EXCEPT ALL SELECT count(*) FROM person GROUP BY city`,
  "intersect-all-over-changelog": `SELECT n FROM ${latest} INTERSECT ALL SELECT count(*) % 5 FROM auction GROUP BY id, category`,
  "union-distinct-over-changelog": `SELECT n FROM ${latest} UNION SELECT count(*) FROM person GROUP BY id`,
  rollup:
    "SELECT channel, auction, count(*) AS n, sum(price) AS s, grouping(channel, auction) AS g FROM bid GROUP BY ROLLUP (channel, auction)",
  cube: "SELECT city, name, count(*) AS n, grouping(city) AS g FROM person GROUP BY CUBE (city, name) HAVING count(*) > 3",
  "grouping-sets-twice": "SELECT channel, count(*) AS n FROM bid GROUP BY GROUPING SETS ((channel), (channel), (), ())",
  "grouping-sets-windows":
    "SELECT channel, window_start, window_end, count(*) AS n, grouping(channel) AS g FROM TUMBLE(bid, ts, INTERVAL '10' SECOND) GROUP BY GROUPING SETS ((window_start, window_end, channel), (window_start, window_end))",
  "rollup-windows":
    "SELECT window_start, window_end, channel, auction, max(price) AS m FROM HOP(bid, ts, INTERVAL '10' SECOND, INTERVAL '20' SECOND) GROUP BY window_start, window_end, ROLLUP (channel, auction)",
  "rollup-nothing": "SELECT channel, count(*) AS n, sum(price) AS s FROM bid WHERE price > 100000 GROUP BY ROLLUP (channel)",
  "rollup-over-changelog": `SELECT b, n, count(*) AS c, sum(top) AS s FROM ${latest} GROUP BY ROLLUP (b, n)`,
  "cube-sessions":
    "SELECT bidder, window_start, window_end, count(*) AS n FROM SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(ts), INTERVAL '3' SECOND) GROUP BY GROUPING SETS ((bidder, window_start, window_end), (window_start, bidder, window_end))",
  unnest: "SELECT auction, unnest(string_split(url, '/')) AS part FROM bid WHERE price > 200",
  "unnest-two": "SELECT auction, unnest(string_split(url, '/')) AS part, unnest([bidder, price]) AS x FROM bid",
  "unnest-lateral": "SELECT b.auction, u.p FROM bid b, unnest(string_split(b.url, 'a')) AS u(p) WHERE u.p <> ''",
  "unnest-ordinality": "SELECT auction, ts, p, o FROM bid, unnest(string_split(url, '/')) WITH ORDINALITY AS u(p, o) WHERE o > 1",
  "unnest-left":
    "SELECT auction, ts, p FROM bid LEFT JOIN unnest(CASE WHEN price > 250 THEN string_split(url, '/') ELSE [] END) AS u(p) ON true",
  "unnest-lateral-subquery":
    "SELECT auction, q.x + 1 AS x, q.y FROM bid, LATERAL (SELECT v * 2 AS x, price AS y FROM (SELECT unnest([bidder, price]) AS v) WHERE v > 3) q",
  "series-lateral": "SELECT auction, n FROM bid, generate_series(auction, 5) g(n) WHERE n > bidder",
  "lateral-over-changelog": `SELECT b, i FROM ${latest} q, unnest(string_split(q.top::TEXT, '1')) u(i)`,
  "unnest-over-changelog": `SELECT b, x FROM (SELECT b, unnest([n, top]) AS x FROM ${latest}) WHERE x IS NOT NULL`,
  "unnest-window":
    "SELECT window_end, part, count(*) AS n FROM (SELECT window_start, window_end, unnest(string_split(url, '/')) AS part FROM TUMBLE(bid, ts, INTERVAL '20' SECOND)) GROUP BY part, window_start, window_end",
  values: "SELECT a, b FROM (VALUES (1, 'x'), (2, NULL), (NULL, '')) v(a, b)",
  "values-union": "SELECT channel FROM bid UNION ALL SELECT * FROM (VALUES ('more'), (NULL)) v(c)",
  series: "SELECT n % 7 AS k, count(*) AS c, sum(n) AS s FROM generate_series(1, 10000) g(n) GROUP BY n % 7",
  "series-times": "SELECT x FROM range(TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-02', INTERVAL '5 hours') r(x)",
  "series-empty": "SELECT count(*) AS n, max(x) AS m FROM range(5, 5) r(x)",
  "one-row": "SELECT 1 AS a, 'x' AS b",
  "unnest-constant": "SELECT x * 2 AS y FROM unnest([3, NULL, 5]) u(x)",
  "never-true": "SELECT count(*) AS n, sum(price) AS s FROM bid WHERE 1 = 0",
  "having-over-nothing": "SELECT count(*) AS n FROM bid WHERE price > 100000 HAVING count(*) = 0",
  "aggregate-of-aggregate":
    "SELECT max(n) AS most, min(n) AS least, count(DISTINCT n) AS kinds FROM (SELECT auction, count(*) AS n FROM bid GROUP BY auction HAVING count(*) > 20)",
  "shared-changelog": `WITH q AS MATERIALIZED (SELECT n, count(*) AS c FROM ${latest} GROUP BY n) SELECT 'n' AS what, n AS v FROM q UNION ALL SELECT 'c', c FROM q UNION ALL SELECT 'm', max(c) FROM q`,
};
