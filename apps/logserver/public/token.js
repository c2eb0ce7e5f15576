// @ts-check
/** The access token: from the address's fragment, which no server ever sees, into this tab's memory and nowhere else. */

const KEY = 'token';

/** Takes the token out of the address, or what the tab already has. @returns {string | null} */
export function takeToken() {
  const brought = /^#t=([A-Za-z0-9_-]+)$/.exec(location.hash)?.[1];
  if (brought !== undefined) {
    sessionStorage.setItem(KEY, brought);
    // Also out of the tab's history: the address may be copied, or seen over a shoulder.
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem(KEY);
}

/** Whether the address brings a token, as when the link is opened in a tab that is already here. */
export function bringsToken() {
  return location.hash.startsWith('#t=');
}

export function forgetToken() {
  sessionStorage.removeItem(KEY);
}
