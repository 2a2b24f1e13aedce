// Who is signed in, for both pages. The token lives in sessionStorage: it goes with the tab and no other site sees it.

const KEY = 'weftline.token';

/** The token of this tab, or null. */
export const token = () => sessionStorage.getItem(KEY);

/** Keeps a token. Throws with words for people when the text can be none. */
export function keepToken(text) {
  const trimmed = text.trim();
  // Anything else cannot stand in a header, and fetch would fail with a message that explains nothing.
  if (!/^[\x21-\x7e]+$/.test(trimmed)) throw new Error('That is not a token: a token is one word of plain letters.');
  sessionStorage.setItem(KEY, trimmed);
}

export const dropToken = () => sessionStorage.removeItem(KEY);

/**
 * Moves the token of a sign-in link, `/#token=…`, out of the address, so that it stays neither in the history nor in a
 * copied link. True when there was one.
 */
export function takeTokenFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given === null) return false;
  history.replaceState(null, '', location.pathname + location.search);
  keepToken(given);
  return true;
}

export function authorization() {
  const kept = token();
  return kept === null ? {} : { authorization: `Bearer ${kept}` };
}

/** Posts a GraphQL request and answers its result, errors included. Throws when no GraphQL server answered. */
export async function postGraphql(request, headers = {}) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json',
      ...headers,
      'content-type': 'application/json',
      ...authorization(),
    },
    body: JSON.stringify(request),
  }).catch(() => {
    throw new Error('The server does not answer. Is it running?');
  });
  try {
    return await response.json();
  } catch {
    throw new Error(
      `The server answered ${response.status} ${response.statusText} without a GraphQL result. Try again.`,
    );
  }
}

/** The data of a query. Throws the errors of the result as one. */
export async function query(text) {
  const { data, errors } = await postGraphql({ query: text });
  if (errors?.length > 0) {
    const error = new Error(errors.map(({ message }) => message).join(' '));
    error.code = errors[0].extensions?.code;
    throw error;
  }
  return data;
}

/** The sample operations, as `{ name, title, text }`. */
export async function sampleOperations() {
  const response = await fetch('/operations.json');
  if (!response.ok) throw new Error(`The sample operations could not be read: the server answered ${response.status}.`);
  return response.json();
}

export const fetchViewer = async () => (await query('query Viewer { viewer { __typename id name } }')).viewer;
