import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { languageName } from '../../../components/post-card.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { useLive } from '../../../api/live.ts';
import { changed, fromField, kindWords, postKinds, type SearchWords, toField } from '../search-words.ts';
import classes from './search-form.module.css';

/** The box, and below it whatever else narrows a search. Nothing is asked before Enter or the button. */
export function SearchForm({
  search,
  langs,
  onSearch,
}: {
  search: SearchWords;
  /** Languages that the matches are in. */
  langs: readonly string[];
  onSearch: (search: SearchWords) => void;
}) {
  const [draft, setDraft] = useState<Record<string, string>>({
    ...search,
    from: toField(search.from),
    to: toField(search.to),
  });
  const { status } = useLive();
  const set = (key: string) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setDraft((before) => ({ ...before, [key]: value }));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(changed({}, { ...draft, from: fromField(draft.from ?? ''), to: fromField(draft.to ?? '') }));
  };
  const value = (key: string) => draft[key] ?? '';
  const things = value('has').split(',');
  const offered = [...new Set([...langs, ...(search.lang === undefined ? [] : [search.lang])])];
  const names = status?.collections.map(({ name }) => name) ?? [];
  const collections = [...new Set([...names, ...(search.collection === undefined ? [] : [search.collection])])];
  return (
    <form role="search" className={classes.form} onSubmit={submit}>
      <div className={classes.box}>
        <TextInput
          type="search"
          label="Search posts"
          placeholder="Words, “a phrase”, #tag, @name …"
          maxLength={1000}
          dir="auto"
          className={classes.words ?? ''}
          value={value('q')}
          onChange={set('q')}
        />
        <Button type="submit">Search</Button>
      </div>
      <Disclosure summary="Narrow it down, and how to write a search">
        {() => (
          <>
            <div className={classes.fields}>
              <TextInput
                label="Author"
                placeholder="@name or id"
                maxLength={100}
                value={value('author')}
                onChange={set('author')}
              />
              <TextInput
                label="Hashtag"
                placeholder="#tag"
                maxLength={100}
                value={value('hashtag')}
                onChange={set('hashtag')}
              />
              <NativeSelect
                label="Language"
                value={value('lang')}
                onChange={set('lang')}
                data={[
                  { value: '', label: 'Any' },
                  ...offered.map((code) => ({ value: code, label: languageName(code) })),
                ]}
              />
              <NativeSelect
                label="Collection"
                value={value('collection')}
                onChange={set('collection')}
                data={[{ value: '', label: 'Any' }, ...collections.map((name) => ({ value: name, label: name }))]}
              />
              <NativeSelect
                label="Kind"
                value={value('kind')}
                onChange={set('kind')}
                data={[
                  { value: '', label: 'Any' },
                  ...postKinds.map((kind) => ({ value: kind, label: kindWords(kind) })),
                ]}
              />
              <TextInput type="datetime-local" label="From (UTC)" value={value('from')} onChange={set('from')} />
              <TextInput type="datetime-local" label="Before (UTC)" value={value('to')} onChange={set('to')} />
              <fieldset className={classes.things}>
                <legend>With</legend>
                {(['media', 'links', 'geo'] as const).map((thing) => (
                  <label key={thing}>
                    <input
                      type="checkbox"
                      checked={things.includes(thing)}
                      onChange={({ currentTarget: { checked } }) => {
                        const rest = things.filter((each) => each !== thing && each !== '');
                        setDraft((before) => ({ ...before, has: (checked ? [...rest, thing] : rest).join(',') }));
                      }}
                    />{' '}
                    {thing === 'geo' ? 'a place' : thing}
                  </label>
                ))}
              </fieldset>
            </div>
            <Hints />
          </>
        )}
      </Disclosure>
    </form>
  );
}

const hints = [
  ['heron egret', 'posts with both words'],
  ['"grey heron"', 'these words side by side'],
  ['heron OR egret', 'either'],
  ['heron -zoo', 'without a word'],
  ['hero*', 'words that begin so'],
  ['#birding @name', 'a hashtag; a name that is mentioned'],
  ['from:name', 'by an author'],
  ['link:example.org', 'linking to a site'],
  ['is:reply has:media lang:de', 'kinds of posts'],
] as const;

function Hints() {
  return (
    <>
      <dl className={classes.hints}>
        {hints.map(([example, meaning]) => (
          <div key={example}>
            <dt>
              <code>{example}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p className={classes.note}>
        Capitals and accents make no difference. Chinese, Japanese, Korean and Thai are found by any part of the text.
      </p>
    </>
  );
}
