import { dropToken, fetchViewer, keepToken, query, sampleOperations, takeTokenFromAddress, token } from './session.js';

const LATEST_ASSETS = `query LatestAssets {
  assets(last: 10) {
    totalCount
    nodes { __typename urn name kind }
  }
}`;

const byId = (id) => document.getElementById(id);
const show = (id, visible) => (byId(id).hidden = !visible);
const say = (id, text) => (byId(id).textContent = text);

/** Shows who is signed in and what they can see, from nothing but the token of this tab. */
async function showSession() {
  const signedIn = token() !== null;
  show('signed-in', signedIn);
  show('sign-in', !signedIn);
  show('assets', false);
  say('asset-count', '');
  say('assets-error', '');
  say(
    'assets-note',
    signedIn
      ? 'Asking the server…'
      : 'Sign in to see the catalog: open the link that the server printed, or paste a token.',
  );
  if (!signedIn) return;
  say('viewer-name', '…');
  say('viewer-type', '');
  try {
    showViewer(await fetchViewer());
  } catch (error) {
    refuseSession(error);
    return;
  }
  await showAssets();
}

function showViewer(viewer) {
  if (!viewer) throw Object.assign(new Error('The server does not know this token.'), { code: 'UNAUTHENTICATED' });
  say('viewer-name', viewer.name);
  say('viewer-type', viewer.__typename.replace(/(?<=[a-z])(?=[A-Z])/g, ' '));
}

/** A token that is refused is dropped; one that could not be tried, because the server is away, is kept. */
async function refuseSession(error) {
  if (error.code === 'UNAUTHENTICATED') {
    dropToken();
    await showSession();
  } else {
    say('assets-note', '');
  }
  say('session-error', error.message);
}

async function showAssets() {
  try {
    const { assets } = await query(LATEST_ASSETS);
    say('asset-count', `${assets.totalCount.toLocaleString('en')} in all`);
    say('assets-note', assets.nodes.length === 0 ? 'Nothing is registered yet, or nothing that you may see.' : '');
    byId('asset-rows').replaceChildren(...assets.nodes.map(assetRow).reverse());
    show('assets', assets.nodes.length > 0);
  } catch (error) {
    say('assets-note', '');
    say('assets-error', error.message);
  }
}

const element = (tag, ...content) => {
  const made = document.createElement(tag);
  made.append(...content);
  return made;
};

// Names go in as text, never as markup.
const assetRow = ({ name, urn, kind }) =>
  element('tr', element('td', element('strong', name), element('code', urn)), element('td', kind.toLowerCase()));

async function showOperations() {
  try {
    byId('operations').replaceChildren(...(await sampleOperations()).map(operationItem));
  } catch (error) {
    say('operations-error', error.message);
  }
}

function operationItem({ name, title }) {
  const link = element('a', title);
  link.href = `/graphiql?operation=${encodeURIComponent(name)}`;
  return element('li', link);
}

async function signInWith(keep) {
  say('session-error', '');
  try {
    keep();
  } catch (error) {
    say('session-error', error.message);
  }
  await showSession();
}

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = byId('token');
  void signInWith(() => keepToken(field.value));
  field.value = '';
});
byId('sign-out').addEventListener('click', () => {
  dropToken();
  void showSession();
  byId('token').focus();
});
// A sign-in link opened in a tab that already shows this page changes the fragment and loads nothing.
addEventListener('hashchange', () => void signInWith(takeTokenFromAddress));

void signInWith(takeTokenFromAddress);
void showOperations();
