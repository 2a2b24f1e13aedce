// React, ReactDOM, GraphiQL and graphqlSse are globals: their packages ship them to browsers as plain scripts.
import { authorization, fetchViewer, postGraphql, sampleOperations, takeTokenFromAddress, token } from './session.js';

const WELCOME = `# Press Ctrl-Enter to run the operation and Ctrl-Space for suggestions.
# The sample operations are in the list above.

query WhoAmI {
  viewer {
    name
  }
}
`;

// A stream that breaks is not opened again behind the reader's back: the events of the gap would be missing unseen.
const stream = graphqlSse.createClient({ url: '/graphql/stream', headers: authorization, retryAttempts: 0 });

/** Queries and mutations are posted; a subscription is read from the event stream until GraphiQL closes it. */
function fetcher(request, { headers, documentAST } = {}) {
  if (isSubscription(request, documentAST)) return subscription(request);
  return postGraphql(request, headers).catch(({ message }) => ({ errors: [{ message }] }));
}

const subscription = (request) => ({
  subscribe: (observer) => ({
    unsubscribe: stream.subscribe(request, {
      next: (result) => observer.next(result),
      complete: () => observer.complete(),
      error: async (error) => observer.error(await refusalIn(error)),
    }),
  }),
});

/** The errors that the server answered with instead of a stream, in its words; else that the stream broke. */
async function refusalIn({ message, response }) {
  const refusal = await response?.json().catch(() => null);
  return refusal?.errors ?? [{ message: `The event stream broke off (${message}). Run the operation again.` }];
}

function isSubscription({ operationName }, document) {
  const operations = document?.definitions.filter(({ kind }) => kind === 'OperationDefinition') ?? [];
  const chosen = operations.length > 1 ? operations.find(({ name }) => name?.value === operationName) : operations[0];
  return chosen?.operation === 'subscription';
}

function listOperations(operations, opened) {
  const list = document.getElementById('operation');
  list.append(...operations.map(({ name, title }) => new Option(title, name, false, name === opened?.name)));
  list.addEventListener('change', () => {
    if (list.value !== '') location.assign(`?operation=${encodeURIComponent(list.value)}`);
  });
}

/** Runs one step of starting the page; a step that fails says so in the bar and leaves the others alone. */
async function attempt(step, otherwise) {
  try {
    return await step();
  } catch (error) {
    document.getElementById('viewer').textContent = error.message;
    return otherwise;
  }
}

async function showViewer() {
  takeTokenFromAddress();
  const signedIn = token() !== null;
  document.getElementById('sign-in').hidden = signedIn;
  const viewer = signedIn ? await fetchViewer() : null;
  document.getElementById('viewer').textContent = viewer ? `Signed in as ${viewer.name}` : '';
}

addEventListener('hashchange', () => void attempt(showViewer));
void attempt(showViewer);
const operations = await attempt(sampleOperations, []);
const opened = operations.find(({ name }) => name === new URLSearchParams(location.search).get('operation'));
listOperations(operations, opened);
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, { fetcher, query: opened?.text ?? WELCOME }),
);
