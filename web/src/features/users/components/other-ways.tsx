import { Button } from '@mantine/core';
import { api, dataOf } from '../../../api/api.ts';
import { useSession } from '../../../api/use-session.ts';
import { useAct } from '../api/act.ts';
import classes from './form.module.css';
import { Refusal } from './refusal.tsx';

/** Buttons for the services by which one can sign in, or whose account one can link. */
export function OtherWays({
  backTo,
  link = false,
  except = [],
}: {
  backTo: string;
  link?: boolean;
  except?: string[];
}) {
  const { data: session } = useSession();
  const begin = useAct(
    (provider: string) =>
      dataOf(api.POST('/api/v1/sign-in/with/{provider}', { params: { path: { provider } }, body: { backTo, link } })),
    ({ url }) => window.location.assign(url),
  );
  const { x = false, xLegacy = false, oidc = [] } = session?.methods ?? {};
  const services = [
    ...(x ? [{ id: 'x', name: 'X' }] : []),
    // Where both are there, most people want the first; whoever collects older streams needs the tokens of the second.
    ...(xLegacy && (x || !except.includes('x')) ? [{ id: 'x-oauth1', name: x ? 'X (OAuth 1.0a)' : 'X' }] : []),
    ...oidc,
  ];
  const offered = services.filter(({ id }) => !except.includes(id));
  if (offered.length === 0) return null;
  return (
    <div className={link ? classes.below : classes.or}>
      <Refusal error={begin.error} />
      <div className={classes.buttons}>
        {offered.map(({ id, name }) => (
          <Button key={id} variant="default" loading={begin.isPending} onClick={() => begin.mutate(id)}>
            {link ? `Link your account at ${name}` : `Sign in with ${name}`}
          </Button>
        ))}
      </div>
    </div>
  );
}
