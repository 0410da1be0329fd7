CREATE STREAMING JOB numbers AS SELECT n AS a, 'n' AS b FROM generate_series(1, 10, 3) g(n) UNION ALL SELECT * FROM (VALUES (1, 'x'), (2, NULL)) v(a, b) UNION ALL SELECT 7, 'one';
