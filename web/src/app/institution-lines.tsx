import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../api/api.ts';
import { serverAddress } from '../api/base.ts';
import classes from './institution-lines.module.css';

/** Whose mistnet this is, where the settings say it. */
export function InstitutionLines() {
  const { data } = useQuery({
    queryKey: ['institution'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/institution', { signal })),
  });
  if (data?.institution == null) return null;
  const { name, url, address, mail, logo } = data.institution;
  return (
    <address className={classes.institution}>
      {logo !== null && <img className={classes.logo} src={serverAddress(logo)} alt="" />}
      <span>
        <Anchor href={url} rel="noopener noreferrer" inherit>
          {name}
        </Anchor>
        {address.map((line, index) => (
          <span key={`${index} ${line}`}>, {line}</span>
        ))}
        {mail !== null && (
          <>
            {' · '}
            <Anchor href={`mailto:${mail}`} inherit>
              {mail}
            </Anchor>
          </>
        )}
      </span>
    </address>
  );
}
