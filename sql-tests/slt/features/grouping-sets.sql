@setup
CREATE TABLE f (a INT, b TEXT, c INT, v INT)
INSERT INTO f VALUES (1,'x',1,10),(1,'y',1,20),(2,'x',2,30),(2,NULL,1,40),(NULL,'x',2,50),(1,'x',2,60)
@views
g1 ITI SELECT a, b, sum(v) AS s FROM f GROUP BY GROUPING SETS ((a, b), (a), ())
g2 ITI SELECT a, b, sum(v) AS s FROM f GROUP BY ROLLUP (a, b)
g3 ITI SELECT a, b, sum(v) AS s FROM f GROUP BY CUBE (a, b)
g4 ITII SELECT a, b, grouping(a, b) AS g, count(*) AS n FROM f GROUP BY ROLLUP (a, b)
g5 IIII SELECT a, c, grouping(a) AS ga, max(v) AS m FROM f GROUP BY GROUPING SETS ((a), (c))
g6 ITII SELECT a, b, c, count(*) AS n FROM f GROUP BY a, ROLLUP (b, c)
g7 TI SELECT b, count(*) AS n FROM f GROUP BY GROUPING SETS ((b), ()) HAVING count(*) > 1
g8 IR SELECT a, avg(v) AS m FROM f WHERE v > 15 GROUP BY ROLLUP (a)
g9 II SELECT a, count(DISTINCT b) AS n FROM f GROUP BY CUBE (a)
g10 I SELECT sum(v) AS s FROM f GROUP BY GROUPING SETS ((), ())
g11 ITI SELECT a, b, sum(v) AS s FROM f GROUP BY GROUPING SETS ((a, b), (b, a), (b))
g12 II SELECT n, count(*) AS k FROM (SELECT a, b, count(*) AS n FROM f GROUP BY CUBE (a, b)) AS x GROUP BY n
@changes
INSERT INTO f VALUES (3,'z',3,70),(NULL,NULL,NULL,80)
@changes
DELETE FROM f WHERE a = 1
@changes
UPDATE f SET b = 'w' WHERE b = 'x'
@changes
DELETE FROM f
@changes
INSERT INTO f VALUES (9,'i',9,NULL)
