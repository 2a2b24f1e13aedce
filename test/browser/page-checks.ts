import { expect } from 'vitest';
import type { Browser, Page } from 'playwright-core';

/** A running server and a token it knows. */
export interface Site {
  baseUrl: string;
  token: string;
}

/**
 * Follows a printed sign-in link: the token leaves the address, the page greets by name and lists assets, signing out
 * forgets the token. Holds for any server with these pages.
 */
export async function checkSignIn(browser: Browser, site: Site): Promise<void> {
  const { page, complaints } = await openPage(browser, site);
  const name = await viewerName(site);

  await page.goto(`${site.baseUrl}/#token=${site.token}`);
  await page.getByText(name, { exact: true }).waitFor();
  await page.getByRole('table').waitFor();
  expect(page.url()).toBe(`${site.baseUrl}/`);
  await page.reload();
  await page.getByText(name, { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Access token').fill(site.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(name, { exact: true }).waitFor();
  expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).not.toContain(site.token);
  expect(complaints).toEqual([]);
  await page.context().close();
}

/** Opens a sample operation from the start page in GraphiQL, runs it, and reads the answer. */
export async function checkGraphiql(browser: Browser, site: Site): Promise<void> {
  const { page, complaints } = await openPage(browser, site);
  const operation = await firstQuery(site);
  await page.goto(`${site.baseUrl}/#token=${site.token}`);
  await page.getByRole('link', { name: operation.title }).click();
  await page.waitForURL(`${site.baseUrl}/graphiql?operation=${operation.name}`);
  await page.getByText(`Signed in as ${await viewerName(site)}`).waitFor();
  const answer = await runOperation(page);
  expect(answer).toContain('"data"');
  expect(answer).not.toContain('"errors"');

  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page.getByText('Root Types').waitFor();
  await page.getByRole('button', { name: 'Open settings dialog' }).click();
  await page.getByText('Settings', { exact: true }).waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
}

/** Runs what is in the editor and returns the answer once it is there. */
export async function runOperation(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Execute query (Ctrl-Enter)' }).click();
  const answer = page.locator('.result-window .CodeMirror-code');
  await answer
    .getByText(/"(data|errors)"/)
    .first()
    .waitFor();
  return answer.innerText();
}

/** A fresh browser profile, with everything that a page must not cause: errors, policy violations, calls elsewhere. */
export async function openPage(browser: Browser, site: Site): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  // Of a busy machine; Playwright's own is half a minute.
  page.setDefaultTimeout(100_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== site.baseUrl) complaints.push(`called ${request.url()}`);
  });
  return { page, complaints };
}

async function viewerName({ baseUrl, token }: Site): Promise<string> {
  const response = await fetch(`${baseUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ viewer { name } }' }),
  });
  return ((await response.json()) as { data: { viewer: { name: string } } }).data.viewer.name;
}

async function firstQuery({ baseUrl }: Site): Promise<{ name: string; title: string }> {
  const operations = (await (await fetch(`${baseUrl}/operations.json`)).json()) as {
    name: string;
    title: string;
    text: string;
  }[];
  const query = operations.find(({ text }) => /^query\s+\w+\s*\{/m.test(text));
  if (!query) throw new Error('None of the sample operations is a query without variables.');
  return query;
}
