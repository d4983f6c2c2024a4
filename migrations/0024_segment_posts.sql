-- From the manifest: frames without the platform's own messages and the marks of pages; null while open, and of what was sealed before.
alter table segments add column posts bigint;
