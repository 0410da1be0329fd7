@setup
CREATE TABLE x (id INT PRIMARY KEY, a INT, b INT, s TEXT, n NUMERIC(10,2), d DOUBLE PRECISION, f BOOLEAN, ts TIMESTAMP, dt DATE)
INSERT INTO x VALUES (1,1,2,'abc',1.25,0.5,true,'2024-01-01 10:20:30','2024-01-01'),(2,NULL,3,'',NULL,-1.5,false,NULL,'2024-02-29'),(3,3,NULL,NULL,-7.50,NULL,NULL,'2023-12-31 23:59:59',NULL)
@views
x1 IT SELECT id, a + 1 AS v FROM x
x2 IT SELECT id, a * b AS v FROM x
x3 IT SELECT id, a / 2 AS v FROM x
x4 IT SELECT id, a % 3 AS v FROM x
x5 IT SELECT id, -a AS v FROM x
x6 IT SELECT id, abs(a) AS v FROM x
x7 IT SELECT id, a = b AS v FROM x
x8 IT SELECT id, a < b AS v FROM x
x9 IT SELECT id, a IS NULL AS v FROM x
x10 IT SELECT id, a IS DISTINCT FROM b AS v FROM x
x11 IT SELECT id, coalesce(a, b) AS v FROM x
x12 IT SELECT id, coalesce(a, 0) + coalesce(b, 0) AS v FROM x
x13 IT SELECT id, CASE WHEN a > b THEN 'gt' WHEN a < b THEN 'lt' ELSE 'other' END AS v FROM x
x14 IT SELECT id, upper(s) AS v FROM x
x15 IT SELECT id, length(s) AS v FROM x
x16 IT SELECT id, s || '!' AS v FROM x
x17 IT SELECT id, substring(s, 1, 2) AS v FROM x
x18 IT SELECT id, replace(s, 'a', 'o') AS v FROM x
x19 IT SELECT id, s LIKE 'a%' AS v FROM x
x20 IT SELECT id, s IN ('a', 'abc') AS v FROM x
x21 IT SELECT id, a IN (1, 2, NULL) AS v FROM x
x22 IT SELECT id, a NOT IN (1, 2) AS v FROM x
x23 IT SELECT id, a BETWEEN 1 AND 3 AS v FROM x
x24 IT SELECT id, f AND a > 1 AS v FROM x
x25 IT SELECT id, f OR a > 1 AS v FROM x
x26 IT SELECT id, NOT f AS v FROM x
x27 IT SELECT id, f IS TRUE AS v FROM x
x28 IT SELECT id, n + 1 AS v FROM x
x29 IT SELECT id, round(n, 1) AS v FROM x
x30 IT SELECT id, n * 2 > 3 AS v FROM x
x31 IT SELECT id, d + 1 AS v FROM x
x32 IT SELECT id, extract(year FROM ts)::int AS v FROM x
x33 IT SELECT id, extract(minute FROM ts)::int AS v FROM x
x34 IT SELECT id, date_trunc('day', ts) AS v FROM x
x35 IT SELECT id, ts + INTERVAL '1 hour' AS v FROM x
x36 IT SELECT id, ts::date AS v FROM x
x37 IT SELECT id, dt + 1 AS v FROM x
x38 IT SELECT id, dt - DATE '2024-01-01' AS v FROM x
x39 IT SELECT id, to_char(ts, 'YYYY-MM') AS v FROM x
x40 IT SELECT id, CAST(a AS TEXT) AS v FROM x
x41 IT SELECT id, CAST(a AS DOUBLE PRECISION) / 2 AS v FROM x
x42 IT SELECT id, nullif(a, 1) AS v FROM x
x43 IT SELECT id, greatest(a, b) AS v FROM x
x44 IT SELECT id, least(a, b) AS v FROM x
x45 IT SELECT id, left(s, 1) AS v FROM x
x46 IT SELECT id, reverse(s) AS v FROM x
x47 IT SELECT id, trim(s) AS v FROM x
x48 IT SELECT id, split_part(s, 'b', 1) AS v FROM x
x49 IT SELECT id, position('b' IN s) AS v FROM x
x50 IT SELECT id, md5(s) AS v FROM x
w1 I SELECT id FROM x WHERE a > 1
w2 I SELECT id FROM x WHERE a IS NOT NULL
w3 I SELECT id FROM x WHERE a = b
w4 I SELECT id FROM x WHERE a <> b OR a IS NULL
w5 I SELECT id FROM x WHERE s LIKE '%b%'
w6 I SELECT id FROM x WHERE f
w7 I SELECT id FROM x WHERE NOT f
w8 I SELECT id FROM x WHERE f IS NULL
w9 I SELECT id FROM x WHERE n BETWEEN 1 AND 5
w10 I SELECT id FROM x WHERE d > 0
w11 I SELECT id FROM x WHERE ts >= TIMESTAMP '2024-01-02 00:00:00'
w12 I SELECT id FROM x WHERE dt = DATE '2024-01-01'
w13 I SELECT id FROM x WHERE a IN (1, 3)
w14 I SELECT id FROM x WHERE s IN ('a', 'xyz') AND a > 0
w15 I SELECT id FROM x WHERE a + b > 4
w16 I SELECT id FROM x WHERE NOT (a > 1 AND f)
@changes
INSERT INTO x VALUES (4,2,2,'banana',5.00,2.0,true,'2024-02-01 00:00:00','2024-02-01'),(5,-4,9,'xyz',0.00,0.0,NULL,'2024-01-02 00:00:00','2024-01-01')
UPDATE x SET a = a + 1, s = 'ab' WHERE id <= 2
DELETE FROM x WHERE id = 3
