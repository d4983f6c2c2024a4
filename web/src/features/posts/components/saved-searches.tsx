import { ActionIcon, Button, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useRemoveSearch, useSavedSearches, useSaveSearch } from '../api/use-posts.ts';
import { readSearch, type SearchWords } from '../search-words.ts';
import classes from './saved-searches.module.css';

/** The searches that one keeps, and the way to keep this one. */
export function SavedSearches({ search }: { search: SearchWords }) {
  const { data } = useSavedSearches();
  const save = useSaveSearch();
  const remove = useRemoveSearch();
  const [name, setName] = useState<string>();
  const searches = data?.searches ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name === undefined || name.trim() === '') return;
    save.mutate({ name: name.trim(), query: search }, { onSuccess: () => setName(undefined) });
  };
  return (
    <div className={classes.saved}>
      {searches.length > 0 && (
        <ul className={classes.list} aria-label="Saved searches">
          {searches.map(({ searchId, name: kept, query }) => (
            <li key={searchId} className={classes.search}>
              <Link to="/posts" search={readSearch(query)}>
                <bdi>{kept}</bdi>
              </Link>
              <ActionIcon
                variant="subtle"
                size="sm"
                color="gray"
                aria-label={`Remove the saved search ${kept}`}
                onClick={() => remove.mutate(searchId)}
              >
                ×
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      {name === undefined && Object.keys(search).length > 0 && (
        <Button variant="default" size="compact-sm" onClick={() => setName(search.q ?? '')}>
          Save this search
        </Button>
      )}
      {name !== undefined && (
        <form className={classes.form} onSubmit={submit}>
          <TextInput
            label="Name of the search"
            size="xs"
            maxLength={100}
            data-autofocus
            autoFocus
            value={name}
            error={save.error?.message}
            onChange={({ currentTarget: { value } }) => setName(value)}
          />
          <Button type="submit" size="xs" loading={save.isPending}>
            Save
          </Button>
          <Button size="xs" variant="default" onClick={() => setName(undefined)}>
            Cancel
          </Button>
        </form>
      )}
    </div>
  );
}
