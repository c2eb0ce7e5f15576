/**
 * What must not be missed: somebody under the name of another, an identity that is not the one it was, a history that cannot be
 * written. It stands above whatever is open until the user has closed it, and does not come again for the same reason. Pure.
 */
import type { Peer } from '@earshot/protocol/ipc';
import { notTheOne, taggedName } from '../text/lines.js';
import { sanitizeName, sanitizeText } from '../text/sanitize.js';
import type { Banner, Model } from './model.js';
import { wrap } from './text/width.js';

export function warned(model: Model, banner: Banner): Model {
  if (model.closedBanners.has(banner.id)) return model;
  return { ...model, banners: [...model.banners.filter(({ id }) => id !== banner.id), banner] };
}

/** It is so no more; if it comes again, it is new. */
export function over(model: Model, id: string): Model {
  if (!model.closedBanners.has(id) && !model.banners.some((banner) => banner.id === id)) return model;
  const closedBanners = new Set(model.closedBanners);
  closedBanners.delete(id);
  return { ...model, closedBanners, banners: model.banners.filter((banner) => banner.id !== id) };
}

/** Of a stranger who goes by the name of somebody pinned, or does so no more. */
export function claimSeen(model: Model, peer: Peer): Model {
  const { id, namesakeOf, trust } = peer;
  if (id === null) return model;
  if (namesakeOf === undefined || trust === 'blocked') return over(model, `claim ${id}`);
  const tagged = taggedName(peer);
  return warned(model, {
    id: `claim ${id}`,
    lines: [
      `SOMEBODY ELSE CALLS THEMSELVES ${sanitizeName(peer.username)}: ${tagged}${peer.address === '' ? '' : ` at ${peer.address}`}`,
      `They are ${notTheOne(namesakeOf)}: what you write to the one you know goes to them alone.`,
      `/whois ${tagged} says more, /block ${tagged} keeps them out. If it may be a new machine of the same person: /verify ${tagged}`,
    ],
  });
}

/** Undefined where there is none to close. */
export function withoutNewestBanner(model: Model): Model | undefined {
  const newest = model.banners.at(-1);
  if (newest === undefined) return undefined;
  return {
    ...model,
    banners: model.banners.slice(0, -1),
    closedBanners: new Set(model.closedBanners).add(newest.id),
  };
}

/** The newest, in rows; the way out of it is not what is cut off. */
export function bannerRows({ banners }: Model, columns: number, rowsMax: number): readonly string[] {
  const newest = banners.at(-1);
  if (newest === undefined || rowsMax < 1) return [];
  const others = banners.length === 1 ? '' : `, and shows ${banners.length - 1} more`;
  const rows = newest.lines.flatMap((line) => wrap(`! ${sanitizeText(line, '')}`, columns));
  return [...rows.slice(0, rowsMax - 1), ...wrap(`! Esc closes this${others}`, columns).slice(0, 1)];
}
