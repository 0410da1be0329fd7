CREATE STREAMING JOB seen WITH (state_ttl = 'left=1h,right=6h') AS SELECT b.price, a.category FROM bid b JOIN auction a ON b.auction = a.id;
