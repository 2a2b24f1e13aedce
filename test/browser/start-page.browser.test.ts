import type { FastifyInstance } from 'fastify';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHROMIUM } from './chromium.js';
import { checkGraphiql, checkSignIn, openPage, runOperation, type Site } from './page-checks.js';
import { startStandIn, TOKEN } from './stand-in-server.js';

let app: FastifyInstance;
let browser: Browser;
let site: Site;

beforeAll(async () => {
  const standIn = await startStandIn();
  app = standIn.app;
  site = { baseUrl: standIn.baseUrl, token: TOKEN };
  browser = await chromium.launch(CHROMIUM);
});

afterAll(async () => {
  await browser.close();
  await app.close();
});

it('signs in by the printed link and by hand, and keeps the token out of the address', () =>
  checkSignIn(browser, site));

it('opens a sample operation in GraphiQL and runs it', () => checkGraphiql(browser, site));

it('shows the names of assets as text, whatever they hold', async () => {
  const { page, complaints } = await openPage(browser, site);
  await page.goto(`${site.baseUrl}/#token=${TOKEN}`);
  await page.getByText('demand <b>weekly</b>', { exact: true }).waitFor();
  expect(await page.locator('#asset-count').innerText()).toBe('1,204 in all');
  expect(complaints).toEqual([]);
});

it('signs in by a link that is opened where the page is shown already', async () => {
  const { page } = await openPage(browser, site);
  await page.goto(`${site.baseUrl}/`);
  await page.getByText('Sign in to see the catalog').waitFor();
  await page.goto(`${site.baseUrl}/#token=${TOKEN}`);
  await page.getByText('Ada Lovelace').waitFor();
  expect(page.url()).toBe(`${site.baseUrl}/`);
});

it('says why a token is refused and asks for another', async () => {
  const { page } = await openPage(browser, site);
  await page.goto(`${site.baseUrl}/#token=wft_revoked`);
  await page.getByText('This token is not known, or has been revoked.').waitFor();
  expect(await page.getByLabel('Access token').isVisible()).toBe(true);
  expect(await page.evaluate('sessionStorage.length')).toBe(0);

  await page.getByLabel('Access token').fill('two words');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('That is not a token').waitFor();
});

it('keeps the token and says so when the server does not answer', async () => {
  const { page } = await openPage(browser, site);
  await page.route('**/graphql', (route) => route.abort());
  await page.goto(`${site.baseUrl}/#token=${TOKEN}`);
  await page.getByText('The server does not answer. Is it running?').waitFor();
  expect(await page.evaluate('sessionStorage.length')).toBe(1);
});

it('follows a subscription over the event stream, with the token in a header', async () => {
  const { page, complaints } = await openPage(browser, site);
  const streamed = page.waitForRequest('**/graphql/stream');
  await page.goto(`${site.baseUrl}/graphiql?operation=follow-a-job#token=${TOKEN}`);
  await page.getByRole('button', { name: 'Execute query (Ctrl-Enter)' }).click();
  await page.locator('.result-window').getByText('1', { exact: true }).waitFor();
  expect(await (await streamed).headerValue('authorization')).toBe(`Bearer ${TOKEN}`);
  expect(page.url()).toBe(`${site.baseUrl}/graphiql?operation=follow-a-job`);
  expect(complaints).toEqual([]);
});

it('shows the errors of an operation as the server words them', async () => {
  const { page } = await openPage(browser, site);
  await page.goto(`${site.baseUrl}/graphiql?operation=refused#token=${TOKEN}`);
  expect(await runOperation(page)).toContain('You may not read this. Ask its owner.');
});

it('shows why a stream is refused or broken, and does not try again behind the back of the reader', async () => {
  const { page } = await openPage(browser, site);
  let streams = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/graphql/stream')) streams += 1;
  });
  await page.goto(`${site.baseUrl}/graphiql?operation=follow-a-job#token=wft_revoked`);
  expect(await runOperation(page)).toContain('This token is not known, or has been revoked.');
  await page.route('**/graphql/stream', (route) => route.abort());
  await page.reload();
  await page.getByRole('button', { name: 'Execute query (Ctrl-Enter)' }).click();
  // What stands there until then may be the answer of before.
  await page.locator('.result-window').getByText('The event stream broke off').waitFor();
  expect(streams).toBe(2);
});

it('closes the stream when the reader stops it', async () => {
  const { page } = await openPage(browser, site);
  await page.goto(`${site.baseUrl}/graphiql?operation=follow-for-long#token=${TOKEN}`);
  await page.getByRole('button', { name: 'Execute query (Ctrl-Enter)' }).click();
  await page
    .locator('.result-window')
    .getByText(/0\.\d+/)
    .first()
    .waitFor();
  const closed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/graphql/stream'));
  await page.getByRole('button', { name: 'Stop query' }).click();
  expect((await closed).failure()?.errorText).toBe('net::ERR_ABORTED');
});

it('opens GraphiQL without a token, with the way to sign in, and switches between sample operations', async () => {
  const { page } = await openPage(browser, site);
  await page.goto(`${site.baseUrl}/graphiql`);
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
  await page.getByLabel('Sample operation').selectOption('A query that is refused');
  await page.waitForURL(`${site.baseUrl}/graphiql?operation=refused`);
  await page.locator('.query-editor, .graphiql-query-editor').getByText('Refused').first().waitFor();
});
