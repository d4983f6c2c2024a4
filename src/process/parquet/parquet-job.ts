/** What the program that writes Parquet is told. */

/**
 * `longestRow` in bytes, the two added columns included; `escapedFields` has a bit for each column of the row that holds escapes;
 * `metadata` goes into the file's key-value metadata.
 */
export type ParquetInput = {
  rowsPath: string;
  path: string;
  temporaryFolder: string;
  longestRow: number;
  escapedFields: number;
  metadata: Record<string, string>;
};

/** What the program is given: rows in a group of the file, and the memory that DuckDB may use. */
export type ParquetJob = ParquetInput & { rowGroup: number; memoryMb: number };
