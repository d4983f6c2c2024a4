/**
 * The whole configuration of the embedded server; written anew at each start, so that a newer mistnet brings newer settings.
 * What somebody wants otherwise stands in `custom.conf` beside the data folder and wins.
 */
export function serverSettings({ port }: { port: number }): string {
  return `# Written by mistnet at each start. Put your own settings into ../custom.conf: they win.
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''            # nobody needs one, and a long path would make it fail
max_connections = 80
password_encryption = 'scram-sha-256'

# Sized for a laptop that does other things too. Nothing here trades durability for speed.
shared_buffers = '256MB'
work_mem = '8MB'
maintenance_work_mem = '128MB'
wal_buffers = '16MB'
min_wal_size = '256MB'
max_wal_size = '2GB'                    # fewer checkpoints, so fewer whole pages in the log
checkpoint_timeout = '15min'
jit = off                               # our statements are short: compiling them costs more than it saves
random_page_cost = 1.5
effective_io_concurrency = 16
autovacuum_vacuum_insert_scale_factor = 0.1

# An error is logged without the row that caused it: posts do not belong in logs.
log_line_prefix = '%m [%p] '
log_timezone = 'UTC'
log_error_verbosity = 'terse'
log_min_error_statement = 'panic'
log_checkpoints = off
timezone = 'UTC'
datestyle = 'iso, ymd'
lc_messages = 'C'

include_if_exists = '../custom.conf'
`;
}
