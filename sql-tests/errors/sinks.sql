--fail=sink "archiv" does not exist
--state=42P01
--hint=Perhaps you meant "archive".
--at=archiv
CREATE STREAMING JOB j AS INSERT INTO archiv SELECT origin FROM flights;
--fail="flights" is not a sink
--state=42809
--at=flights
CREATE STREAMING JOB j AS INSERT INTO flights SELECT origin FROM flights;
--fail=INSERT has more expressions than target columns
--state=42601
CREATE STREAMING JOB j AS INSERT INTO archive SELECT origin, 1, 'x', 2 FROM flights;
--fail=column "flights" is of type INTEGER but expression is of type VARCHAR
--state=42804
CREATE STREAMING JOB j AS INSERT INTO archive (flights) SELECT origin FROM flights;
--fail=sink "inserts" takes inserts only (mode = 'append'), and the rows of this query change
--state=0A000
--at=SELECT origin, count
CREATE SINK inserts WITH (connector = 'print', mode = 'append');
CREATE STREAMING JOB j AS INSERT INTO inserts SELECT origin, count(*) AS n FROM flights GROUP BY origin;
--fail=sink "latest" has mode = 'upsert', and this query has no key
--state=0A000
--at=SELECT origin, delay
CREATE SINK latest WITH (connector = 'print', mode = 'upsert');
CREATE STREAMING JOB j AS INSERT INTO latest SELECT origin, delay FROM flights;
--fail=the rows of this query change, and are not known to be unique by the primary key (n) of sink "counts"
--state=0A000
--at=SELECT origin, count
CREATE SINK counts (origin TEXT, n BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH (connector = 'print', mode = 'upsert');
CREATE STREAMING JOB j AS INSERT INTO counts SELECT origin, count(*) AS n FROM flights GROUP BY origin;
