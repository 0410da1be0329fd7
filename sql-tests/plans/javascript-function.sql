CREATE FUNCTION score(price BIGINT, channel TEXT) RETURNS DOUBLE LANGUAGE javascript AS $$ return Number(price) / channel.length $$;
CREATE FUNCTION scaled(x DOUBLE) RETURNS DOUBLE LANGUAGE sql AS $$ SELECT round(score(x::BIGINT, 'x') * 100) $$;
CREATE STREAMING JOB scored AS
  SELECT bidder, score(price, upper(channel)) AS s, scaled(score(price, 'a')) AS t
  FROM bid WHERE price > 100 AND score(price, channel) > 1.5;
