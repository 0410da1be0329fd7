--fail=this condition on now() is not supported in a streaming job yet
--state=0A000
--hint=Compare a column with now(): WHERE ts > now() - INTERVAL '1 hour'.
--at=now
CREATE STREAMING JOB j AS SELECT auction FROM bid WHERE ts > now() - INTERVAL '1 hour' OR price > 10;
--fail=now() over a changelog is not supported in a streaming job yet
--at=now
CREATE STREAMING JOB j AS SELECT channel, n, now() AS at FROM (SELECT channel, count(*) AS n FROM bid GROUP BY channel);
--fail=a function with a new value at each call over a changelog is not supported in a streaming job yet
--at=random
CREATE STREAMING JOB j AS SELECT channel, random() AS r FROM (SELECT channel, count(*) AS n FROM bid GROUP BY channel);
