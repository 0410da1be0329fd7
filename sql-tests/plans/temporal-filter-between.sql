CREATE STREAMING JOB soon AS SELECT id, expires FROM auction WHERE expires BETWEEN current_timestamp AND current_timestamp + INTERVAL '10' MINUTE AND CAST(ts AS DATE) = current_date;
