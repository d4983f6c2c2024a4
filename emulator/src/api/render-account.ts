import { isoSecond } from './iso-second.ts';
import type { Account, World } from '../world/model.ts';

/**
 * Prepares a renderer of v2 `user` objects with just `fields` (id, name and username come always), counts as of
 * the instant asked for. Keys in alphabetical order; what an account hasn't got is absent, never null.
 */
export function accountRenderer(world: World, fields: ReadonlySet<string>): (account: Account, at: number) => string {
  const created = fields.has('created_at');
  const description = fields.has('description');
  const location = fields.has('location');
  const image = fields.has('profile_image_url');
  // Posts of protected accounts never reach a public stream, so an author seen here is not protected.
  const isProtected = fields.has('protected') ? '"protected":false,' : '';
  const metrics = fields.has('public_metrics');
  const verified = fields.has('verified');
  const verifiedType = fields.has('verified_type');
  return (account, at) => {
    const { id } = account;
    let json = '{';
    if (created) json += `"created_at":"${isoSecond(account.createdAt)}",`;
    if (description) json += `"description":${JSON.stringify(account.description)},`;
    json += `"id":"${id}",`;
    if (location && account.place !== undefined) json += `"location":${JSON.stringify(account.place)},`;
    json += `"name":${JSON.stringify(account.displayName)},`;
    if (image) json += `"profile_image_url":"https://pbs.twimg.com/profile_images/${id}/x_normal.jpg",`;
    json += isProtected;
    if (metrics) {
      const counts = world.countsAt(account.number, at);
      json +=
        `"public_metrics":{"followers_count":${counts.followers},"following_count":${counts.following},` +
        `"tweet_count":${counts.posts},"listed_count":${counts.listed},"like_count":${counts.likes}},`;
    }
    json += `"username":"${world.handleAt(account.number, at)}"`;
    if (verified) json += `,"verified":${account.verified}`;
    if (verifiedType) json += `,"verified_type":"${account.verified ? 'blue' : 'none'}"`;
    return `${json}}`;
  };
}
