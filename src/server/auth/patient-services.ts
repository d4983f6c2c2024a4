/** The services that people sign in by, for the sign-in library. */
import { genericOAuth, type GenericOAuthConfig } from 'better-auth/plugins';

/** Within this time a service has described itself, or is asked again when somebody wants to come in by it. */
const PATIENCE_MS = 3_000;

/**
 * The library asks services for their description before it answers anything at all. One that keeps silent must not keep out those who
 * come in by a password.
 */
export function patientServices(config: GenericOAuthConfig[]) {
  const plugin = genericOAuth({ config });
  const { init } = plugin;
  type Context = Parameters<typeof init>[0];
  return {
    ...plugin,
    init: async (context: Context) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const lateOnes = new Promise<'late'>((resolve) => {
        timer = setTimeout(resolve, PATIENCE_MS, 'late');
      });
      const asked = init(context);
      const first = await Promise.race([asked, lateOnes]);
      clearTimeout(timer);
      if (first !== 'late') return first;
      asked.catch(() => {}); // nobody waits for it any more; whoever wants that service asks anew
      const isDescribed = ({ discoveryUrl }: GenericOAuthConfig) => discoveryUrl === undefined;
      const ready = await genericOAuth({ config: config.filter(isDescribed) }).init(context);
      const late = config.filter((each) => !isDescribed(each));
      // Where the library keeps those that it asks again.
      const genericOAuthPendingDiscovery = new Map(late.map((each) => [each.providerId, each]));
      return { context: { ...ready.context, genericOAuthPendingDiscovery } };
    },
  };
}
