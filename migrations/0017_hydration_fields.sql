-- Lists of ids may ask for less than all that may be seen.

-- {"chosen": lists by X's parameters, "without": fields of posts}; null: all.
alter table hydrations add column fields jsonb;
