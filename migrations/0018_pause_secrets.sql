-- Which secret was refused, as a digest, where nobody tells when it changes (the token of the environment): another one is tried anew.
alter table permit_pauses add column secret text collate "C";
