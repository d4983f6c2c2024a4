/** A built hour as the API tells it: what its manifest says, with a link to each file. */
import { datasetManifestSchema } from '../process/dataset-manifest.ts';
import type { Dataset } from '../store/queries/datasets.ts';
import { datasetHref, manifestName, reportName } from './dataset-names.ts';
import type { DatasetHour } from './reply-schemas.ts';

/** A manifest of another version of mistnet has no files here; the hour is listed all the same. */
export function datasetToReply({ collection, hour, revision, partial, builtAt, manifest }: Dataset): DatasetHour {
  const known = { collection, hour, revision, partial, builtAt };
  const read = datasetManifestSchema.safeParse(manifest);
  if (!read.success)
    return { ...known, zone: null, posts: null, accounts: null, files: [], manifest: null, report: null };
  const { day, label, zone, counts, outputs } = read.data;
  const link = (name: string) => ({ name, href: datasetHref(collection, day, name) });
  return {
    ...known,
    zone,
    posts: counts.tweets,
    accounts: counts.users,
    files: [outputs.posts, outputs.tweets, outputs.users, outputs.ids].map(({ file, bytes, rows, sha256 }) => ({
      ...link(file),
      bytes,
      rows,
      sha256,
    })),
    manifest: link(manifestName(label)),
    report: link(reportName(day)),
  };
}
