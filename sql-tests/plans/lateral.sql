CREATE STREAMING JOB tagged AS SELECT c.page, t.tag, t.place FROM clicks c LEFT JOIN unnest(c.tags) WITH ORDINALITY AS t(tag, place) ON true WHERE c.visitor > 3;
