import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';
import { CHROMIUM } from './chromium.js';
import { checkGraphiql, checkSignIn, openPage } from './page-checks.js';

let server: TestWeftline;
let browser: Browser;
let person: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  person = await server.user();
  await new Seed(person, server.namespace).dataset('orders', { tags: ['seen in a browser'] });
  browser = await chromium.launch(CHROMIUM);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const site = (): { baseUrl: string; token: string } => ({ baseUrl: server.address, token: person.token ?? '' });

it('signs in on the real server, and shows the latest assets', async () => {
  await checkSignIn(browser, site());
  const { page, complaints } = await openPage(browser, site());
  await page.goto(`${server.address}/#token=${person.token ?? ''}`);
  await page.getByText('orders', { exact: true }).first().waitFor();
  expect(complaints).toEqual([]);
});

it('runs a sample operation of the repository in GraphiQL on the real server', () => checkGraphiql(browser, site()));
