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
