@setup
CREATE TABLE k (id INT PRIMARY KEY, v INT, s TEXT DEFAULT 'none')
CREATE TABLE m (a INT NOT NULL, b INT)
@errors
INSERT INTO m VALUES (NULL, 1)
INSERT INTO nothere VALUES (1)
INSERT INTO k (id, nope) VALUES (1, 2)
INSERT INTO k VALUES (1, 2, 'x', 4)
SELECT nope FROM k
SELECT * FROM k WHERE v = 'abc'::int
CREATE TABLE k (id INT)
DROP TABLE nothere
UPDATE k SET nope = 1
DELETE FROM nothere
SELECT count(*) FROM k GROUP BY nope
SELECT v, count(*) FROM k
SELECT sum(s) FROM k
SELECT * FROM k JOIN m ON nope = a
SELECT 1 +
SELEC 1
INSERT INTO k VALUES
@changes
INSERT INTO k VALUES (1, 10, 'a'), (2, 20, 'b')
INSERT INTO k (id, v) VALUES (3, 30)
INSERT INTO k (v, id) VALUES (40, 4)
INSERT INTO k SELECT id + 10, v * 2, s || s FROM k
INSERT INTO m VALUES (1, 1), (1, 1), (2, NULL)
@errors
INSERT INTO k VALUES (1, 11, 'dup')
INSERT INTO k VALUES (50, 1, 'x'), (50, 2, 'y')
UPDATE k SET id = 1 WHERE id = 2
UPDATE m SET a = NULL
@queries
IIT SELECT * FROM k
II SELECT * FROM m
I SELECT count(*) FROM k
I SELECT id FROM k WHERE s = 'none'
@changes
UPDATE k SET v = v + 1 WHERE id > 2
UPDATE k SET v = v * 2, s = upper(s) WHERE s = 'a'
DELETE FROM k WHERE id = 12
DELETE FROM m WHERE b IS NULL
INSERT INTO k VALUES (1, 99, 'z') ON CONFLICT (id) DO NOTHING
INSERT INTO k VALUES (2, 99, 'z') ON CONFLICT (id) DO UPDATE SET v = excluded.v
INSERT INTO k VALUES (77, 7, 'n') ON CONFLICT (id) DO UPDATE SET v = excluded.v
@queries
IIT SELECT * FROM k
II SELECT * FROM m
IT SELECT id, s FROM k ORDER BY id LIMIT 2
@views
kv IIT SELECT id, v, s FROM k
kc II SELECT v % 2 AS p, count(*) AS c FROM k GROUP BY v % 2
mm II SELECT a, b FROM m
@changes
BEGIN
INSERT INTO k VALUES (100, 1, 't')
UPDATE k SET v = 2 WHERE id = 100
COMMIT
@changes
BEGIN
DELETE FROM k
ROLLBACK
@changes
DELETE FROM k WHERE v > 30
INSERT INTO m SELECT 5, b FROM m
@changes
TRUNCATE k
@queries
I SELECT count(*) FROM k
I SELECT count(*) FROM kv
