CREATE STREAMING JOB tagged AS SELECT page, unnest(tags) AS tag, unnest(string_split(page, '/')) AS part FROM clicks WHERE visitor > 3;
