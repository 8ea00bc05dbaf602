/** Where the provider sends people, and what its administrator must know. Below the console's address. */
export function placesOf(base: string, id: string) {
  const at = (last: string) => `${base}/sso/${id}/${last}`;
  return {
    redirectUri: at('callback'),
    backChannelLogoutUri: at('back-channel-logout'),
    keysUri: at('keys'),
    entityId: at('metadata'),
    acsUrl: at('acs'),
    logoutUrl: at('logout'),
  };
}

export type Places = ReturnType<typeof placesOf>;

/** A path of our own to go on with; anything else leads to the first page. No host, no backslash, no control character. */
export function ownPath(text: string | undefined): string {
  if (
    text === undefined ||
    text.length > 500 ||
    !/^\/(?![/\\])[\x21-\x7e]*$/.test(text) ||
    text.includes('\\')
  )
    return '/';
  const url = new URL(text, 'https://own.invalid');
  const path = `${url.pathname}${url.search}`;
  // What was taken apart must not come together as another host: `/a/..//evil.test`.
  return url.origin === 'https://own.invalid' && !path.startsWith('//') ? path : '/';
}
