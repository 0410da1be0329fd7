CREATE STREAMING JOB unpopular AS
SELECT id, item FROM auction WHERE id NOT IN (SELECT auction FROM bid WHERE price > 100);
