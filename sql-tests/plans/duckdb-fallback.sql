CREATE STREAMING JOB odd AS SELECT visitor, list_sort(tags) AS tags, visitor + 1 AS next FROM clicks WHERE len(tags) > 2 AND visitor > 10;
