CREATE TABLE orders (id INT PRIMARY KEY, code TEXT, amount BIGINT);
CREATE STREAMING JOB per_code AS SELECT code, count(*) AS n, sum(amount) AS total FROM orders GROUP BY code;
CREATE STREAMING JOB j AS SELECT id, amount, 'order' AS what FROM orders WHERE amount > 0 UNION ALL SELECT n, total, code FROM per_code;
