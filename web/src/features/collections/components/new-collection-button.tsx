import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMay, useSession } from '../../../api/use-session.ts';
import classes from './filter-section.module.css';

/** The way to a new collection; whoever may not make one reads why instead. */
export function NewCollectionButton() {
  const { data: session } = useSession();
  const mayAdd = useMay('collector');
  if (session === undefined) return null;
  if (mayAdd)
    return (
      <Button component={Link} to="/collections/new">
        New collection
      </Button>
    );
  if (session.setupNeeded && !session.demo)
    return (
      <Button component={Link} to="/welcome">
        Make the first administrator
      </Button>
    );
  return (
    <p className={classes.quiet}>
      {session.user === null ? (
        <>
          <Link to="/sign-in">Sign in</Link> to make collections.
        </>
      ) : (
        'Making collections needs the role collector: an administrator gives it.'
      )}
    </p>
  );
}
