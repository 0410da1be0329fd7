@queries
I SELECT 1 + 2
I SELECT 7 / 2
I SELECT -7 / 2
I SELECT 7 % 3
I SELECT -7 % 3
I SELECT abs(-5)
I SELECT mod(7, 4)
I SELECT 2 * 3 - 4
I SELECT (1 + 2) * 3
I SELECT 5 - -5
I SELECT sign(-3)::int
I SELECT greatest(1, 2, NULL)
I SELECT least(3, 2, NULL)
I SELECT coalesce(NULL, NULL, 3)
I SELECT nullif(1, 1)
I SELECT nullif(1, 2)
I SELECT CASE WHEN 1 > 2 THEN 1 ELSE 2 END
I SELECT CASE 3 WHEN 1 THEN 10 WHEN 3 THEN 30 END
I SELECT CASE WHEN NULL THEN 1 END
I SELECT length('hello')
I SELECT length('')
I SELECT length('bäd')
I SELECT position('lo' IN 'hello')
I SELECT strpos('hello', 'z')
I SELECT ascii('A')
I SELECT 1::bigint + 2147483647
I SELECT CAST('42' AS INT)
I SELECT CAST(2.5 AS INT)
I SELECT CAST(-2.5 AS INT)
I SELECT CAST(true AS INT)
I SELECT round(2.4)::int
I SELECT floor(-2.5)::int
I SELECT ceil(2.1)::int
I SELECT trunc(-2.7)::int
I SELECT gcd(12, 18)
I SELECT lcm(4, 6)
I SELECT extract(year FROM DATE '2024-02-29')::int
I SELECT extract(month FROM DATE '2024-02-29')::int
I SELECT extract(day FROM TIMESTAMP '2024-02-29 13:14:15')::int
I SELECT extract(hour FROM TIMESTAMP '2024-02-29 13:14:15')::int
I SELECT extract(dow FROM DATE '2024-02-29')::int
I SELECT extract(doy FROM DATE '2024-12-31')::int
I SELECT extract(week FROM DATE '2024-01-01')::int
I SELECT extract(quarter FROM DATE '2024-05-01')::int
I SELECT DATE '2024-03-01' - DATE '2024-02-01'
I SELECT char_length('abc')
I SELECT octet_length('bäd')
I SELECT cardinality(ARRAY[1,2,3])
I SELECT array_length(ARRAY[1,2,3], 1)
I SELECT width_bucket(5, 0, 10, 5)
I SELECT bit_length('ab')
I SELECT 5 & 3
I SELECT 5 | 3
I SELECT 1 << 4
I SELECT ~ 5
R SELECT 1.5 + 2.25
R SELECT 0.1 + 0.2
R SELECT 1.0 / 4
R SELECT sqrt(2.0::double precision)
R SELECT power(2.0::double precision, 10)
R SELECT exp(1.0::double precision)
R SELECT ln(10.0::double precision)
R SELECT log(100.0::double precision)
R SELECT pi()
R SELECT round(3.14159, 2)
R SELECT round(-2.5::numeric)
R SELECT trunc(3.999, 1)
R SELECT abs(-1.25)
R SELECT 10.0 % 3
R SELECT CAST('1.25' AS NUMERIC(10,2))
R SELECT CAST(1 AS DOUBLE PRECISION) / 3
R SELECT sin(0.5::double precision)
R SELECT cos(0.5::double precision)
R SELECT atan2(1.0::double precision, 2.0)
R SELECT degrees(pi())
R SELECT radians(180.0::double precision)
R SELECT cbrt(27.0::double precision)
R SELECT extract(epoch FROM TIMESTAMP '2024-01-01 00:00:00')
R SELECT greatest(1.5, 2.5)
R SELECT -(-1.5)
R SELECT 1e3::double precision
R SELECT floor(2.7)
R SELECT ceil(-2.7)
T SELECT upper('abc')
T SELECT lower('ABC')
T SELECT initcap('hello world')
T SELECT 'a' || 'b' || 'c'
T SELECT 'a' || NULL
T SELECT concat('a', NULL, 'b')
T SELECT concat_ws('-', 'a', NULL, 'b')
T SELECT substring('hello', 2, 3)
T SELECT substring('hello' FROM 2)
T SELECT substr('hello', -1, 3)
T SELECT left('hello', 2)
T SELECT left('hello', -2)
T SELECT right('hello', 2)
T SELECT right('hello', -2)
T SELECT lpad('7', 3, '0')
T SELECT rpad('7', 3, 'x')
T SELECT lpad('hello', 2)
T SELECT trim('  x  ')
T SELECT ltrim('xxa', 'x')
T SELECT rtrim('axx', 'x')
T SELECT btrim('xyaxy', 'xy')
T SELECT replace('banana', 'a', 'o')
T SELECT reverse('abc')
T SELECT repeat('ab', 3)
T SELECT split_part('a,b,c', ',', 2)
T SELECT split_part('a,b,c', ',', 5)
T SELECT translate('12345', '143', 'ax')
T SELECT md5('abc')
T SELECT chr(65)
T SELECT to_hex(255)
T SELECT overlay('Txxxxas' PLACING 'hom' FROM 2 FOR 4)
T SELECT regexp_replace('foobar', 'o+', 'X')
T SELECT regexp_replace('foobar', 'o', 'X', 'g')
T SELECT CAST(12 AS TEXT)
T SELECT CAST(true AS TEXT)
T SELECT CAST(DATE '2024-01-02' AS TEXT)
T SELECT CAST(1.50 AS TEXT)
T SELECT CAST(NULL AS TEXT)
T SELECT coalesce(NULL, 'x')
T SELECT to_char(TIMESTAMP '2024-02-03 04:05:06', 'YYYY-MM-DD HH24:MI:SS')
T SELECT to_char(DATE '2024-02-03', 'DD.MM.YYYY')
T SELECT quote_literal('it''s')
T SELECT starts_with('hello', 'he')
T SELECT encode('abc'::bytea, 'hex')
T SELECT 'it''s'
T SELECT E'tab\\t'
T SELECT nullif('a', 'a')
T SELECT greatest('a', 'b')
T SELECT least('b', 'a')
T SELECT string_agg(x, ',' ORDER BY x) FROM (VALUES ('b'), ('a')) AS v(x)
T SELECT format('%s-%s', 'a', 'b')
T SELECT CASE WHEN 'a' < 'b' THEN 'yes' ELSE 'no' END
T SELECT 1 < 2
T SELECT 1 = 1
T SELECT 1 <> 1
T SELECT NULL = NULL
T SELECT NULL IS NULL
T SELECT 1 IS DISTINCT FROM NULL
T SELECT NULL IS NOT DISTINCT FROM NULL
T SELECT true AND NULL
T SELECT false AND NULL
T SELECT true OR NULL
T SELECT NOT NULL::boolean
T SELECT 1 IN (1, 2)
T SELECT 3 IN (1, NULL)
T SELECT 3 NOT IN (1, NULL)
T SELECT 3 NOT IN (1, 2)
T SELECT 2 BETWEEN 1 AND 3
T SELECT 2 NOT BETWEEN 1 AND 3
T SELECT 2 BETWEEN 3 AND 1
T SELECT 2 BETWEEN SYMMETRIC 3 AND 1
T SELECT 'abc' LIKE 'a%'
T SELECT 'abc' LIKE '_b_'
T SELECT 'abc' NOT LIKE 'b%'
T SELECT 'ABC' ILIKE 'a%'
T SELECT 'a%c' LIKE 'a\\%c'
T SELECT 'abc' ~ 'b'
T SELECT 'abc' ~ '^b'
T SELECT 'ABC' ~* 'b'
T SELECT 'abc' !~ 'z'
T SELECT 'abc' SIMILAR TO '%b%'
T SELECT true IS TRUE
T SELECT NULL IS TRUE
T SELECT NULL::boolean IS UNKNOWN
T SELECT false IS NOT TRUE
T SELECT 'a' < 'B'
T SELECT '' = ''
T SELECT 'a' = 'a '
T SELECT 1 = 1.0
T SELECT DATE '2024-01-01' < DATE '2024-01-02'
T SELECT TIMESTAMP '2024-01-01 00:00:00' = DATE '2024-01-01'
T SELECT EXISTS (SELECT 1)
T SELECT NOT EXISTS (SELECT 1 WHERE false)
T SELECT CAST('true' AS BOOLEAN)
T SELECT CAST('f' AS BOOLEAN)
T SELECT (1, 2) = (1, 2)
T SELECT (1, 2) < (1, 3)
T SELECT 1 = ANY (ARRAY[1, 2])
T SELECT 1 <> ALL (ARRAY[2, 3])
T SELECT DATE '2024-02-28' + 1
T SELECT DATE '2024-03-01' - 1
T SELECT TIMESTAMP '2024-01-31 00:00:00' + INTERVAL '1 month'
T SELECT TIMESTAMP '2024-03-31 00:00:00' - INTERVAL '1 month'
T SELECT TIMESTAMP '2024-01-01 00:00:00' + INTERVAL '90 minutes'
T SELECT date_trunc('month', TIMESTAMP '2024-02-29 13:14:15')
T SELECT date_trunc('hour', TIMESTAMP '2024-02-29 13:14:15')
T SELECT date_trunc('week', TIMESTAMP '2024-02-29 13:14:15')
T SELECT date_trunc('year', TIMESTAMP '2024-02-29 13:14:15')
T SELECT date_trunc('quarter', TIMESTAMP '2024-05-29 13:14:15')
T SELECT CAST('2024-01-02' AS DATE)
T SELECT CAST('2024-01-02 03:04:05' AS TIMESTAMP)
T SELECT CAST(TIMESTAMP '2024-01-02 03:04:05' AS DATE)
T SELECT TIMESTAMP '2024-01-02 03:04:05' - TIMESTAMP '2024-01-02 01:00:00'
T SELECT make_date(2024, 2, 29)
T SELECT make_timestamp(2024, 2, 29, 1, 2, 3)
T SELECT to_date('03.02.2024', 'DD.MM.YYYY')
T SELECT date_bin('15 minutes', TIMESTAMP '2024-01-01 00:44:00', TIMESTAMP '2024-01-01')
T SELECT greatest(DATE '2024-01-01', DATE '2024-01-02')
T SELECT TIMESTAMP '2024-01-02 03:04:05.678'
T SELECT CAST('03:04:05' AS TIME)
