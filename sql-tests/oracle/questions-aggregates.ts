/** Aggregates that keep all their rows, exact ones over doubles, and all of them over changelogs. `per` is a changelog: a row per auction and bidder. */
const per =
  "(SELECT auction, bidder, count(*) AS n, sum(price) AS total, max(price) AS top, min(channel) AS channel FROM bid GROUP BY auction, bidder)";

export const aggregateQuestions: Readonly<Record<string, string>> = {
  quantiles:
    "SELECT channel, median(price) AS m, quantile_cont(price, [0.1, 0.9]) AS q, quantile_disc(price, 0.25) AS d, median(ts) AS t, quantile_cont(price, 0.3 ORDER BY price DESC) AS r FROM bid GROUP BY channel",
  "ordered-lists":
    "SELECT auction, string_agg(channel, ';' ORDER BY ts, price) AS s, list(price ORDER BY price DESC NULLS LAST) AS l, array_agg(DISTINCT bidder ORDER BY bidder) AS b FROM bid GROUP BY auction",
  "ordered-picks":
    "SELECT auction, first(price ORDER BY ts) AS f, last(price ORDER BY ts) AS l, any_value(price ORDER BY ts DESC) AS a, max(price, 3) AS m, min(price, 2) AS n, arg_max(price, ts, 2) AS x FROM bid GROUP BY auction",
  "histogram-mode":
    "SELECT channel, histogram(bidder) AS h, mode(auction ORDER BY auction) AS m, entropy(bidder) AS e FROM bid GROUP BY channel",
  statistics:
    "SELECT bidder, corr(price, auction) AS c, covar_pop(price, auction) AS p, covar_samp(price, auction) AS s, regr_slope(price, auction) AS r, regr_intercept(price, auction) AS i, regr_r2(price, auction) AS q, regr_count(price, auction) AS n, skewness(price) AS w, kurtosis(price) AS k, sem(price) AS e, mad(price::DOUBLE) AS m FROM bid GROUP BY bidder",
  "window-quantiles":
    "SELECT window_start, median(price) AS m, quantile_disc(channel, 0.5) AS d, string_agg(channel, ',' ORDER BY ts, auction, price) AS s, corr(price, auction) AS c FROM TUMBLE(bid, ts, INTERVAL '20' SECOND) GROUP BY window_start, window_end",
  "hop-quantiles":
    "SELECT auction, window_end, median(price) AS m, list(price ORDER BY price) AS l, histogram(channel) AS h FROM HOP(bid, ts, INTERVAL '10' SECOND, INTERVAL '30' SECOND) GROUP BY auction, window_start, window_end",
  "session-lists":
    "SELECT bidder, window_start, median(price) AS m, list(auction ORDER BY auction) AS l FROM SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(ts), INTERVAL '3' SECOND) WHERE price > 20 GROUP BY bidder, window_start, window_end",
  "collect-filter":
    "SELECT median(price) FILTER (WHERE price > 100) AS m, list(DISTINCT bidder ORDER BY bidder) FILTER (WHERE channel = 'apple') AS l, quantile_cont(DISTINCT price, 0.5) AS q FROM bid",
  "collect-nothing":
    "SELECT median(price) AS m, list(price ORDER BY price) AS l, mode(price) AS o, histogram(price) AS h, string_agg(channel, ',' ORDER BY ts) AS s FROM bid WHERE price > 100000",
  "changelog-plain": `SELECT bidder, sum(n) AS s, avg(total) AS a, count(*) AS c, count(top) AS d, min(top) AS lo, max(top) AS hi, bool_and(n > 5) AS b, bool_or(n > 20) AS o, count(DISTINCT n) AS k, sum(DISTINCT n) AS t FROM ${per} GROUP BY bidder`,
  "changelog-floats": `SELECT bidder, sum(total / 3) AS s, avg(total::DOUBLE / n) AS a, stddev(top) AS d, var_pop(total) AS v, corr(total, n) AS c, regr_slope(total, n) AS r, regr_intercept(total, n) AS i, covar_samp(total, n) AS o FROM ${per} GROUP BY bidder`,
  "changelog-picks": `SELECT bidder, arg_max(auction, total) AS x, arg_min(auction, total * 10 + auction) AS y, first(auction ORDER BY auction) AS f, last(n ORDER BY auction) AS l, max(total, 2) AS m FROM ${per} GROUP BY bidder`,
  "changelog-lists": `SELECT bidder, string_agg(channel, ',' ORDER BY auction DESC) AS s, list(n ORDER BY n, auction) AS l, array_agg(DISTINCT channel ORDER BY channel) AS c FROM ${per} GROUP BY bidder`,
  "changelog-quantiles": `SELECT bidder, median(n) AS m, quantile_cont(total, 0.25) AS q, quantile_disc(top, [0.5, 0.9]) AS d, mode(n ORDER BY n) AS o, histogram(n) AS h, entropy(n) AS e, skewness(n) AS w FROM ${per} GROUP BY bidder`,
  "changelog-filter": `SELECT median(total) FILTER (WHERE n > 3) AS m, string_agg(DISTINCT channel, ',' ORDER BY channel) FILTER (WHERE top > 100) AS s, avg(total / 7) FILTER (WHERE bidder IS NOT NULL) AS a, bit_xor(n) AS x, bit_and(n) AS b, product(n) FILTER (WHERE n < 8) AS p FROM ${per}`,
  "changelog-of-changelog": `SELECT k, median(m) AS mm, count(*) AS c, list(bidder ORDER BY bidder) AS l FROM (SELECT bidder, bidder % 2 AS k, median(total) AS m FROM ${per} GROUP BY bidder) GROUP BY k`,
  "nexmark-q15":
    "SELECT strftime(ts, '%Y-%m-%d') AS day, count(*) AS total_bids, count(*) FILTER (WHERE price < 100) AS rank1_bids, count(*) FILTER (WHERE price >= 100 AND price < 300) AS rank2_bids, count(*) FILTER (WHERE price >= 300) AS rank3_bids, count(DISTINCT bidder) AS total_bidders, count(DISTINCT bidder) FILTER (WHERE price < 100) AS rank1_bidders, count(DISTINCT bidder) FILTER (WHERE price >= 100 AND price < 300) AS rank2_bidders, count(DISTINCT bidder) FILTER (WHERE price >= 300) AS rank3_bidders, count(DISTINCT auction) AS total_auctions, count(DISTINCT auction) FILTER (WHERE price < 100) AS rank1_auctions FROM bid GROUP BY strftime(ts, '%Y-%m-%d')",
  "nexmark-q16":
    "SELECT channel, strftime(ts, '%Y-%m-%d') AS day, max(strftime(ts, '%H:%M')) AS minute, count(*) AS total_bids, count(*) FILTER (WHERE price < 100) AS rank1_bids, count(DISTINCT bidder) AS total_bidders, count(DISTINCT bidder) FILTER (WHERE price < 100) AS rank1_bidders, count(DISTINCT auction) AS total_auctions, count(DISTINCT auction) FILTER (WHERE price >= 300) AS rank3_auctions FROM bid GROUP BY channel, strftime(ts, '%Y-%m-%d')",
  "nexmark-q17":
    "SELECT auction, strftime(ts, '%Y-%m-%d') AS day, count(*) AS total_bids, count(*) FILTER (WHERE price < 100) AS rank1_bids, count(*) FILTER (WHERE price >= 100 AND price < 300) AS rank2_bids, count(*) FILTER (WHERE price >= 300) AS rank3_bids, min(price) AS min_price, max(price) AS max_price, avg(price) AS avg_price, sum(price) AS sum_price FROM bid GROUP BY auction, strftime(ts, '%Y-%m-%d')",
};
