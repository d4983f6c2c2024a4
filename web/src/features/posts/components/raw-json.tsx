import { Button } from '@mantine/core';
import { useState } from 'react';
import { indentJson } from '../search-words.ts';
import classes from './raw-json.module.css';

/** A payload as received: indented for reading, copied letter for letter. */
export function RawJson({ payload }: { payload: string }) {
  const [isIndented, setIsIndented] = useState(true);
  const [said, setSaid] = useState<string>();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(payload);
      setSaid('Copied as received.');
    } catch {
      // Browsers allow it on secure pages only.
      setSaid('The browser does not allow copying here: select the text instead.');
    }
  };
  return (
    <div>
      <div className={classes.tools}>
        <Button
          size="compact-sm"
          variant="default"
          aria-pressed={isIndented}
          onClick={() => setIsIndented(!isIndented)}
        >
          {isIndented ? 'Show as received' : 'Show indented'}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => void copy()}>
          Copy
        </Button>
        <span role="status">{said}</span>
      </div>
      {/* Focusable, for it scrolls. */}
      <pre className={classes.json} tabIndex={0} aria-label="JSON as received">
        {isIndented ? indentJson(payload) : payload}
      </pre>
    </div>
  );
}
