/** The wire of a browser tab on the loopback bridge: the token comes in the address' hash. */
import type { AnyEvent, Wire } from './transport';

const TOKEN_KEY = 'ketu.token';

/** Takes the token out of the address, so that it is neither bookmarked nor part of a route. */
export function takeToken(): string | null {
  const match = /^#token=([^&]+)/.exec(location.hash);
  if (match?.[1]) {
    sessionStorage.setItem(TOKEN_KEY, decodeURIComponent(match[1]));
    history.replaceState(null, '', `${location.pathname}${location.search}#/`);
  }
  return sessionStorage.getItem(TOKEN_KEY);
}

export function httpWire(token: string): Wire {
  return {
    async call(method, params) {
      const response = await fetch('/rpc', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ method, params }),
      });
      const body: unknown = await response.json();
      if (!response.ok) throw body;
      return body;
    },
    listen(listener) {
      const source = new EventSource(`/events?token=${encodeURIComponent(token)}`);
      source.onmessage = (message: MessageEvent<string>) => listener(JSON.parse(message.data) as AnyEvent);
      return () => source.close();
    },
  };
}
