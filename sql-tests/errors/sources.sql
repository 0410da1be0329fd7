--fail=column "tss" does not exist
--state=42703
--hint=Perhaps you meant "ts".
--at=tss
CREATE SOURCE s (ts TIMESTAMP, WATERMARK FOR tss AS ts) WITH (connector = 'datagen');
--fail=column "tz" does not exist
--state=42703
--hint=Perhaps you meant "ts".
--at=tz -
CREATE SOURCE s (ts TIMESTAMP, WATERMARK FOR ts AS tz - INTERVAL '1' SECOND) WITH (connector = 'datagen');
--fail=the watermark of column "ts" is of type BIGINT, not TIMESTAMP
--state=42804
CREATE SOURCE s (ts TIMESTAMP, n BIGINT, WATERMARK FOR ts AS n) WITH (connector = 'datagen');
--fail=a watermark's column is a TIMESTAMP or TIMESTAMP WITH TIME ZONE, not BIGINT
--state=42804
CREATE SOURCE s (ts BIGINT, WATERMARK FOR ts AS ts) WITH (connector = 'datagen');
--fail=a subquery or an aggregate in a column's expression is not supported in a streaming job yet
--state=0A000
CREATE SOURCE s (a BIGINT, b AS max(a)) WITH (connector = 'datagen');
--fail=column "a" specified more than once
--state=42701
CREATE SOURCE s (a BIGINT, a TEXT) WITH (connector = 'datagen');
--fail=option "bad_rows" of source "s" must be fail, skip or table:<name>, not "ignore"
--state=22023
CREATE SOURCE s (a BIGINT) WITH (connector = 'datagen', bad_rows = 'ignore');
CREATE STREAMING JOB j AS SELECT a FROM s;
