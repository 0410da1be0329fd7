CREATE STREAMING JOB popular AS
SELECT id, item FROM auction WHERE id IN (SELECT auction FROM bid GROUP BY auction HAVING count(*) >= 20);
