--fail=a streaming job has no option "paralelism"
--state=22023
--hint=Perhaps you meant "parallelism".
CREATE STREAMING JOB j WITH (paralelism = 2) AS SELECT origin FROM flights;
--fail=option "parallelism" must be an integer from 1 to 1024, not "many"
--state=22023
CREATE STREAMING JOB j WITH (parallelism = 'many') AS SELECT origin FROM flights;
--fail=option "checkpoint_interval" must be a duration such as '10s' or '500 ms', at least 10 ms, not "soon"
CREATE STREAMING JOB j WITH (checkpoint_interval = 'soon') AS SELECT origin FROM flights;
--fail=option "restart_strategy" must be one of none, fixed-delay, failure-rate, exponential-delay, not "pray"
CREATE STREAMING JOB j WITH (restart_strategy = 'pray') AS SELECT origin FROM flights;
--fail=the job has no operator "agg"
--hint=Its operators: source, watermark, calc, sink.
CREATE STREAMING JOB j WITH (operator_parallelism = 'agg=2') AS SELECT origin FROM flights;
--fail=late_rows needs a job with a window aggregate
CREATE STREAMING JOB j WITH (late_rows = 'late') AS SELECT origin FROM flights;
--fail=relation "j" already exists
--state=42P07
CREATE STREAMING JOB j WITH (late_rows = 'j') AS SELECT count(*) AS n FROM TUMBLE(flights, date, INTERVAL '1' HOUR) GROUP BY window_start, window_end;
--fail=option "state_ttl" must be a duration or like 'left=1h,right=6h', not "middle=1h"
--state=22023
--at='middle
CREATE STREAMING JOB j WITH (state_ttl = 'middle=1h') AS SELECT channel, count(*) AS n FROM bid GROUP BY channel;
--fail=option "max_concurrent_checkpoints" must be 1 with min_pause, not "2"
--state=22023
CREATE STREAMING JOB j WITH (max_concurrent_checkpoints = 2, min_pause = '1s') AS SELECT origin FROM flights;
--fail=option "checkpoint_timeout" is given twice, as "execution.checkpointing.timeout" is another name for it
--state=22023
CREATE STREAMING JOB j WITH (checkpoint_timeout = '1s', execution.checkpointing.timeout = '2s') AS SELECT origin FROM flights;
