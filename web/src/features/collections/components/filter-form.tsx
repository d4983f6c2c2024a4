import { Button, Checkbox, Skeleton, Textarea } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { Disclosure } from '../../../components/disclosure.tsx';
import { NumberField } from '../../../components/number-field.tsx';
import { numberOf } from '../../../components/number-words.ts';
import {
  boxAround,
  type FilterDefinition,
  type FilterProblem,
  peopleOf,
  personText,
  problemsOf,
} from '../filter-draft.ts';
import { countries, languages } from '../languages-and-countries.ts';
import { ChipsField } from './chips-field.tsx';
import { FieldMessages } from './field-messages.tsx';
import { PickField } from './pick-field.tsx';
import classes from './filter-form.module.css';

type Props = {
  definition: FilterDefinition;
  onChange: (definition: FilterDefinition) => void;
  problems: readonly FilterProblem[];
  warnings: readonly FilterProblem[];
};

/** What a filter collection asks for: words, people, places, languages; what is wrong stands beside its field. */
export function FilterForm({ definition, onChange, problems, warnings }: Props) {
  const set = (change: Partial<FilterDefinition>) => onChange({ ...definition, ...change });
  const of = (field: string) => ({ errors: problemsOf(problems, field), warnings: problemsOf(warnings, field) });
  return (
    <div className={classes.form}>
      <ChipsField
        label="Words"
        description={
          <>
            Type a word, a phrase or a #hashtag and press Enter. Posts with any of these are found; of several words in
            one of them all must occur. “Quotes” keep words together, a minus leaves out: jaguar -car.
          </>
        }
        placeholder="birds"
        values={definition.words}
        onChange={(words) => set({ words })}
        separator={/[\n,]/}
        keepsQuotes
        {...of('words')}
      />
      <People definition={definition} set={set} {...of('people')} />
      <fieldset className={classes.group}>
        <legend className={classes.legend}>Places</legend>
        <PickField
          label="Countries"
          description="Posts that their author marked as being from there; few posts are."
          options={countries()}
          values={definition.countries}
          onChange={(chosen) => set({ countries: chosen })}
          errors={of('countries').errors}
        />
        <ChipsField
          label="Places by name"
          description="A city or region as the platform calls it, then Enter."
          placeholder="Lake Neusiedl"
          values={definition.places}
          onChange={(places) => set({ places })}
          separator={/\n/}
          {...of('places')}
        />
        <Boxes definition={definition} set={set} errors={of('locations').errors} />
      </fieldset>
      <fieldset className={classes.group}>
        <legend className={classes.legend}>Narrow it down</legend>
        <PickField
          label="Languages"
          description="Only posts in one of these; without any, all languages."
          options={languages()}
          values={definition.languages}
          onChange={(chosen) => set({ languages: chosen })}
          errors={of('languages').errors}
        />
        <div className={classes.checks} role="group" aria-label="Leave out">
          {(['reposts', 'replies', 'quotes'] as const).map((kind) => (
            <Checkbox
              key={kind}
              label={`Leave out ${kind}`}
              checked={definition.exclude[kind]}
              onChange={({ currentTarget: { checked } }) =>
                set({ exclude: { ...definition.exclude, [kind]: checked } })
              }
            />
          ))}
        </div>
      </fieldset>
      <Disclosure summary={`Rules for experts${definition.raw.length > 0 ? ` (${definition.raw.length})` : ''}`}>
        {() => (
          <Textarea
            label="Rules in the platform’s grammar"
            description="One a line, beside what is asked for above, like: (cat OR dog) has:images -is:nullcast"
            autosize={false}
            rows={4}
            spellCheck={false}
            value={definition.raw.join('\n')}
            error={
              problemsOf(problems, 'raw').length > 0 ? (
                <FieldMessages
                  messages={problemsOf(problems, 'raw').map(({ message, line }) => ({
                    line,
                    message: line === undefined || definition.raw.length < 2 ? message : `Line ${line + 1}: ${message}`,
                  }))}
                />
              ) : undefined
            }
            onChange={({ currentTarget: { value } }) => set({ raw: value === '' ? [] : value.split('\n') })}
          />
        )}
      </Disclosure>
    </div>
  );
}

const roles = [
  { value: 'from', label: 'Posts by them' },
  { value: 'to', label: 'Replies to them' },
  { value: 'mentions', label: 'Posts that mention them' },
] as const;

type PartProps = {
  definition: FilterDefinition;
  set: (change: Partial<FilterDefinition>) => void;
  errors: readonly FilterProblem[];
};

function People({ definition, set, errors, warnings }: PartProps & { warnings: readonly FilterProblem[] }) {
  const { people, peopleAs } = definition;
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>People</legend>
      <ChipsField
        label="Names"
        description="Names of accounts, with or without @, several parted by commas. Who is not known yet is looked up again each day."
        placeholder="@robin, @wren"
        values={people.map(personText)}
        onChange={(texts) => set({ people: peopleOf(texts, people) })}
        separator={/[\n,]/}
        errors={errors}
        warnings={warnings}
      />
      {people.length > 0 && (
        <div className={classes.checks} role="group" aria-label="Which posts">
          {roles.map(({ value, label }) => (
            <Checkbox
              key={value}
              label={label}
              checked={peopleAs.includes(value)}
              onChange={({ currentTarget: { checked } }) =>
                set({ peopleAs: checked ? [...peopleAs, value] : peopleAs.filter((role) => role !== value) })
              }
            />
          ))}
        </div>
      )}
    </fieldset>
  );
}

const LATITUDE = { least: -89, most: 89, decimals: 6 };
const LONGITUDE = { least: -180, most: 180, decimals: 6 };
const KILOMETRES = { least: 0.1, most: 1_000, decimals: 3 };

/** The map is large: it is loaded when somebody wants it. */
const BoxMap = lazy(async () => ({ default: (await import('./box-map.tsx')).BoxMap }));

/** Boxes: drawn on a map, around a point, or by their corners. */
function Boxes({ definition: { locations }, set, errors }: PartProps) {
  const [latitude, setLatitude] = useState('');
  const [longitude, setLongitude] = useState('');
  const [km, setKm] = useState('10');
  const [north, east, around] = [
    numberOf(latitude, LATITUDE),
    numberOf(longitude, LONGITUDE),
    numberOf(km, KILOMETRES),
  ];
  const middle = north === undefined || east === undefined ? undefined : { latitude: north, longitude: east };
  const box =
    middle === undefined || around === undefined ? undefined : boxAround(middle.latitude, middle.longitude, around);
  return (
    <Disclosure summary={`Places on the map${locations.length > 0 ? ` (${locations.length})` : ''}`}>
      {() => (
        <div className={classes.boxes}>
          <Suspense fallback={<Skeleton height={240} radius="md" aria-label="Loading the map" />}>
            <BoxMap
              boxes={locations}
              middle={middle}
              onBox={(drawn) => set({ locations: [...new Set([...locations, drawn])] })}
              onMiddle={(point) => {
                setLatitude(String(Math.round(point.latitude * 10_000) / 10_000));
                setLongitude(String(Math.round(point.longitude * 10_000) / 10_000));
              }}
            />
          </Suspense>
          <div className={classes.around}>
            <NumberField
              label="Latitude"
              placeholder="47.85"
              bounds={LATITUDE}
              value={latitude}
              onChange={setLatitude}
            />
            <NumberField
              label="Longitude"
              placeholder="16.78"
              bounds={LONGITUDE}
              value={longitude}
              onChange={setLongitude}
            />
            <NumberField label="Within km" bounds={KILOMETRES} value={km} onChange={setKm} />
            <Button
              variant="default"
              disabled={box === undefined}
              onClick={() => {
                if (box !== undefined && !locations.includes(box)) set({ locations: [...locations, box] });
              }}
            >
              Add this box
            </Button>
          </div>
          <ChipsField
            label="Boxes by their corners"
            description="long,lat,long,lat of the south-western and the north-eastern corner in degrees, then Enter. A side may be 25 miles (40 km) long."
            placeholder="16.6,47.7,16.9,47.95"
            values={locations}
            onChange={(next) => set({ locations: next })}
            separator={/\n/}
            errors={errors}
          />
        </div>
      )}
    </Disclosure>
  );
}
