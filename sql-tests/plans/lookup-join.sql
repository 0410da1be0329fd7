CREATE STREAMING JOB placed WITH (parallelism = 2) AS
SELECT f.origin, a.city, f.date FROM flights f LEFT JOIN airports FOR SYSTEM_TIME AS OF PROCTIME() AS a ON f.origin = a.code AND a.city <> 'Ulm';
