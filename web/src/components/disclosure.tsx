import { type ReactNode, useId, useState } from 'react';
import classes from './disclosure.module.css';

/** A line that opens what is below it; what is below is made only then. */
export function Disclosure({
  summary,
  children,
  isOpenAtFirst = false,
}: {
  summary: ReactNode;
  children: () => ReactNode;
  isOpenAtFirst?: boolean;
}) {
  const [isOpen, setIsOpen] = useState(isOpenAtFirst);
  const contentId = useId();
  return (
    <div className={classes.disclosure}>
      <button
        type="button"
        className={classes.toggle}
        aria-expanded={isOpen}
        aria-controls={contentId}
        onClick={() => setIsOpen(!isOpen)}
      >
        <svg className={classes.chevron} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <path d="M5 2.5 11 8l-6 5.5" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
        </svg>
        <span>{summary}</span>
      </button>
      <div id={contentId} hidden={!isOpen}>
        {isOpen && children()}
      </div>
    </div>
  );
}
