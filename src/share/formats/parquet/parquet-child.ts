/**
 * The program that writes Parquet: the job as JSON in its one argument, the number of rows written on standard output. A process of its own, for
 * DuckDB's memory is bounded only with it, and goes back when it ends.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import { type ParquetJob, parquetQuery } from './parquet-query.ts';

const job = JSON.parse(process.argv[2] ?? '') as ParquetJob;
const instance = await DuckDBInstance.create(':memory:', {
  threads: '1',
  memory_limit: `${job.memoryMb}MB`,
  temp_directory: job.temporaryFolder,
  preserve_insertion_order: 'true',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
});
const connection = await instance.connect();
await connection.run("set TimeZone = 'UTC'");
const { rowsChanged } = await connection.run(parquetQuery(job));
connection.closeSync();
instance.closeSync();
process.stdout.write(`${rowsChanged}\n`);
