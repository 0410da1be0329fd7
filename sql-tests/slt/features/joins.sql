@setup
CREATE TABLE l (id INT PRIMARY KEY, k INT, s TEXT, v INT)
CREATE TABLE r (id INT PRIMARY KEY, k INT, s TEXT, w INT)
CREATE TABLE z (k INT, name TEXT)
INSERT INTO l VALUES (1,1,'a',10),(2,1,'b',20),(3,2,'c',30),(4,NULL,'d',40),(5,5,NULL,50)
INSERT INTO r VALUES (1,1,'a',100),(2,1,'x',200),(3,3,'c',300),(4,NULL,'d',400),(5,2,'b',15)
INSERT INTO z VALUES (1,'one'),(1,'one'),(2,'two'),(NULL,'none')
@views
j1 IIII SELECT l.id, l.v, r.id AS rid, r.w FROM l JOIN r ON l.k = r.k
j2 IIII SELECT l.id, l.v, r.id AS rid, r.w FROM l LEFT JOIN r ON l.k = r.k
j3 IIII SELECT l.id, l.v, r.id AS rid, r.w FROM l RIGHT JOIN r ON l.k = r.k
j4 IIII SELECT l.id, l.v, r.id AS rid, r.w FROM l FULL JOIN r ON l.k = r.k
j5 II SELECT l.id, r.id AS rid FROM l JOIN r ON l.k = r.k AND l.s = r.s
j6 II SELECT l.id, r.id AS rid FROM l JOIN r ON l.k = r.k AND l.v < r.w
j7 II SELECT l.id, r.id AS rid FROM l LEFT JOIN r ON l.k = r.k AND l.v > r.w
j8 II SELECT l.id, r.id AS rid FROM l FULL JOIN r ON l.k = r.k AND l.s <> r.s
j9 II SELECT l.id, r.id AS rid FROM l JOIN r ON l.v < r.w
j10 II SELECT l.id, r.id AS rid FROM l LEFT JOIN r ON l.v > r.w
j11 II SELECT l.id, r.id AS rid FROM l CROSS JOIN r
j12 II SELECT l.id, r.id AS rid FROM l JOIN r ON l.k IS NOT DISTINCT FROM r.k
j13 ITT SELECT l.id, l.s, z.name FROM l JOIN z ON l.k = z.k
j14 ITT SELECT l.id, l.s, z.name FROM l LEFT JOIN z ON l.k = z.k
j15 III SELECT a.id, b.id AS bid, c.id AS cid FROM l AS a JOIN l AS b ON a.k = b.k JOIN r AS c ON b.k = c.k
j16 II SELECT a.id, b.id AS bid FROM l AS a JOIN l AS b ON a.k = b.k AND a.id < b.id
j17 IITT SELECT l.id, r.id AS rid, z.name, r.s FROM l LEFT JOIN r ON l.k = r.k LEFT JOIN z ON r.k = z.k
j18 II SELECT l.k, count(*) AS c FROM l JOIN r ON l.k = r.k GROUP BY l.k
j19 IIR SELECT l.k, count(r.id) AS c, avg(r.w) AS a FROM l LEFT JOIN r ON l.k = r.k GROUP BY l.k
j20 II SELECT x.k, r.id FROM (SELECT k, sum(v) AS sv FROM l GROUP BY k) AS x JOIN r ON x.k = r.k
j21 II SELECT x.k, x.sv FROM (SELECT k, sum(v) AS sv FROM l GROUP BY k) AS x JOIN (SELECT k, max(w) AS mw FROM r GROUP BY k) AS y ON x.k = y.k AND x.sv < y.mw
j22 IIII SELECT l.id, l.v, r.id AS rid, r.w FROM l LEFT JOIN r ON l.k = r.k WHERE r.id IS NULL
j23 II SELECT l.id, r.id AS rid FROM l, r WHERE l.k = r.k AND r.w > 50
j24 II SELECT l.id, r.id AS rid FROM l JOIN r USING (k, s)
j25 TI SELECT coalesce(l.s, r.s) AS s, coalesce(l.v, 0) + coalesce(r.w, 0) AS t FROM l FULL JOIN r ON l.s = r.s
j26 II SELECT l.id, r.id AS rid FROM l JOIN r ON l.k + 1 = r.k
j27 II SELECT l.id, r.id AS rid FROM l LEFT JOIN r ON l.k = r.k AND r.w > 150
j28 II SELECT l.id, r.id AS rid FROM l RIGHT JOIN r ON l.k = r.k AND l.v > 15
j29 II SELECT l.id, r.id AS rid FROM l LEFT JOIN r ON false
j30 II SELECT l.id, r.id AS rid FROM l JOIN r ON l.k = r.k OR l.s = r.s
@changes
INSERT INTO l VALUES (6,3,'c',60),(7,2,'b',5)
INSERT INTO r VALUES (6,5,NULL,45),(7,1,'b',17)
@changes
UPDATE l SET k = 2 WHERE id = 1
DELETE FROM r WHERE k = 1
INSERT INTO z VALUES (2,'two'),(3,'three')
@changes
DELETE FROM l WHERE v > 30
UPDATE r SET w = w - 100
DELETE FROM z WHERE name = 'two'
@changes
DELETE FROM l
DELETE FROM r
