-- How many events (gaps, failed jobs) an alert tells of: what comes after somebody acknowledged it is told anew.
alter table alerts add column events integer not null default 1;
