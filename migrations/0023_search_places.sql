-- Posts that say where they were written are one or two of a hundred: an index of them alone finds those around a place.
create index post_search_places on post_search (latitude, longitude) where latitude is not null;
