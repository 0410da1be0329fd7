-- A changelog of one subtask goes on to several by its rows' values, so that no row is overtaken by its own deletion.
CREATE STREAMING JOB j WITH (parallelism = 2) AS SELECT count(*) AS n FROM bid UNION ALL SELECT count(*) FROM bid GROUP BY auction;
