import { ProgressBar } from '../../../components/progress-bar.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { useWork } from '../api/use-jobs.ts';
import { loadWords } from '../job-words.ts';
import classes from './worker-load.module.css';

/** How many workers there are, and how much of what they can do at a time they do now. */
export function WorkerLoad() {
  const query = useWork();
  return (
    <QueryState query={query} what="how busy the workers are">
      {(work) => (
        <div className={classes.load}>
          <p>{loadWords(work)}</p>
          {work.places > 0 && (
            <ProgressBar label="Places of the workers that are taken" value={work.running} max={work.places} />
          )}
        </div>
      )}
    </QueryState>
  );
}
