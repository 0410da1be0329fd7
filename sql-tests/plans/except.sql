CREATE STREAMING JOB strangers AS SELECT bidder FROM bid EXCEPT ALL SELECT id FROM person WHERE city = 'Bern' INTERSECT SELECT seller FROM auction;
