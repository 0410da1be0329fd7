@setup
CREATE TABLE t (id INT PRIMARY KEY, k INT, v INT, b BIGINT, s TEXT, n NUMERIC(10,2), d DOUBLE PRECISION, f BOOLEAN, dt DATE)
INSERT INTO t VALUES (1,1,10,100,'a',1.50,0.5,true,'2024-01-01'),(2,1,20,200,'b',2.25,1.5,false,'2024-01-02'),(3,2,NULL,300,NULL,NULL,NULL,NULL,NULL),(4,NULL,40,-400,'d',0.00,2.5,true,'2024-02-29'),(5,2,50,500,'a',99.99,-1.5,true,'2024-01-01')
@views
a1 I SELECT count(*) AS c FROM t
a2 I SELECT count(v) AS c FROM t
a3 I SELECT sum(v) AS c FROM t
a4 R SELECT avg(v) AS c FROM t
a5 IIII SELECT count(*) AS c, count(v) AS cv, min(v) AS mi, max(v) AS ma FROM t WHERE v > 1000
a6 II SELECT k, count(*) AS c FROM t GROUP BY k
a7 IIR SELECT k, sum(v) AS s, avg(v) AS a FROM t GROUP BY k
a8 IIIR SELECT k, min(v) AS mi, max(b) AS ma, sum(n) AS sn FROM t GROUP BY k
a9 ITT SELECT k, min(s) AS mi, max(s) AS ma FROM t GROUP BY k
a10 ITT SELECT k, min(dt) AS mi, max(dt) AS ma FROM t GROUP BY k
a11 IR SELECT k, sum(d) AS sd FROM t GROUP BY k
a12 ITT SELECT k, bool_and(f) AS ba, bool_or(f) AS bo FROM t GROUP BY k
a13 IIII SELECT k, count(*) FILTER (WHERE v > 15) AS c, sum(v) FILTER (WHERE f) AS s, count(DISTINCT s) AS ds FROM t GROUP BY k
a14 II SELECT count(DISTINCT k) AS dk, count(DISTINCT s) AS ds FROM t
a15 II SELECT k, sum(DISTINCT v) AS s FROM t GROUP BY k
a16 II SELECT k, count(*) AS c FROM t GROUP BY k HAVING count(*) > 1
a17 II SELECT k, sum(v) AS s FROM t GROUP BY k HAVING sum(v) > 30
a18 II SELECT k + 1 AS k1, count(*) AS c FROM t GROUP BY k + 1
a19 ITI SELECT k, s, count(*) AS c FROM t GROUP BY k, s
a20 II SELECT c, count(*) AS n FROM (SELECT k, count(*) AS c FROM t GROUP BY k) AS x GROUP BY c
a21 I SELECT max(c) AS m FROM (SELECT k, count(*) AS c FROM t GROUP BY k) AS x
a22 I SELECT sum(m) AS s FROM (SELECT k, max(v) AS m FROM t GROUP BY k) AS x
a23 IT SELECT k, string_agg(s, ',' ORDER BY s) AS l FROM t GROUP BY k
a24 IR SELECT k, stddev_pop(v) AS sd FROM t GROUP BY k
a25 IR SELECT k, var_samp(v) AS vs FROM t GROUP BY k
a26 II SELECT k, bit_or(v) AS o FROM t GROUP BY k
a27 TI SELECT CASE WHEN v > 25 THEN 'big' ELSE 'small' END AS w, count(*) AS c FROM t GROUP BY 1
a28 TI SELECT f, count(*) AS c FROM t GROUP BY f
a29 TI SELECT s, sum(b) AS sb FROM t GROUP BY s
a30 IR SELECT k, sum(v * n) AS x FROM t GROUP BY k
a31 IIII SELECT k, sum(v) AS s, sum(v + 1) AS s1, sum(-v) AS sm FROM t GROUP BY k
a32 T SELECT min(s) AS m FROM t WHERE k IS NOT NULL
@changes
INSERT INTO t VALUES (6,3,60,600,'zz',6.00,6.5,false,'2024-03-01'),(7,1,NULL,700,'a',7.00,NULL,NULL,NULL)
DELETE FROM t WHERE id = 1
@changes
UPDATE t SET v = v + 5 WHERE k = 2
UPDATE t SET k = 1 WHERE id = 4
DELETE FROM t WHERE id = 6
@changes
DELETE FROM t
@changes
INSERT INTO t SELECT 10, 5, 55, 555, 'end', 5.55, 5.5, true, DATE '2024-05-05'
