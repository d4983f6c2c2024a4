-- What was built lately is asked for again and again, among the hours of years.
create index datasets_built_at on datasets (built_at);
