-- By what a linked account of another service is known to people, as that service said it last; null until somebody comes by it again.
alter table auth."account" add column "handle" text;
