CREATE SINK latest (origin TEXT, n BIGINT, PRIMARY KEY (origin) NOT ENFORCED) WITH (connector = 'print', mode = 'upsert');
CREATE SINK changes WITH (connector = 'filesystem', path = 'out', format = 'json', mode = 'debezium');
CREATE STREAMING JOB j AS BEGIN
  INSERT INTO latest SELECT origin, count(*) FROM flights GROUP BY origin;
  INSERT INTO changes SELECT count(*) AS n FROM flights;
END;
