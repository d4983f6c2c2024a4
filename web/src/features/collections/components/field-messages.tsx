import { formatCount } from '../../../format.ts';
import classes from './field-messages.module.css';

/** A list that is wrong throughout is not said line by line. */
const MOST = 5;

/** What is wrong with the entries of a field, each on a line of its own. */
export function FieldMessages({ messages }: { messages: readonly { line?: number | undefined; message: string }[] }) {
  return (
    <>
      {messages.slice(0, MOST).map(({ message, line }) => (
        <span key={`${line ?? ''} ${message}`} className={classes.message}>
          {message}
        </span>
      ))}
      {messages.length > MOST && (
        <span className={classes.message}>And {formatCount(messages.length - MOST)} more like these.</span>
      )}
    </>
  );
}
