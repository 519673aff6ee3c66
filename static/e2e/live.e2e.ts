import { expect, town } from './test';

const { test, bank } = town();

test('another tab sees money arrive over the browser’s one stream', async ({ visit }) => {
  const mina = await bank().member('mina', 'Mina Kim', 100_000);
  const visitor = await visit();
  const streams: string[] = [];
  visitor.context.on('request', request => {
    if (request.url().includes('/me/events')) streams.push(request.url());
  });
  await visitor.signIn('mina');
  const tab = await visitor.tab();
  await tab.goto(`${visitor.page.url()}accounts/${mina.account}`);
  for (const page of [visitor.page, tab]) await page.getByText('₩100,000').first().waitFor();
  await bank().deposit(mina.account, 23_000);
  for (const page of [visitor.page, tab]) {
    await page.getByText('₩123,000').first().waitFor();
    await page.getByText(/₩23,000 arrived in account/).waitFor();
  }
  expect(streams).toHaveLength(1);

  // The tab with the stream is closed. The other one takes over and misses nothing.
  await visitor.page.close();
  await bank().deposit(mina.account, 1_000);
  await tab.getByText('₩124,000').first().waitFor();
  await expect.poll(() => streams.length).toBe(2);
});

test('pages catch up with a bank that was killed and restarted', async ({ visit }) => {
  const mina = await bank().member('seoyeon', 'Seoyeon Lee', 100_000);
  const visitor = await visit();
  visitor.allow(/net::ERR_|status of 50\d/);
  const { page } = visitor;
  await visitor.signIn('seoyeon');
  await page.getByText('₩100,000').first().waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await bank().end('SIGKILL');
  await page.getByText('Reconnecting').waitFor();
  await bank().serve();
  await bank().deposit(mina.account, 5_000);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByText('₩105,000').first().waitFor();
  await bank().deposit(mina.account, 6_000);
  await page.getByText('₩111,000').first().waitFor();
});

test('every tab follows a bank that was restored from a backup', async ({ visit }) => {
  const mina = await bank().member('yuna', 'Yuna Kim', 100_000);
  const visitor = await visit();
  visitor.allow(/net::ERR_|status of 50\d/);
  const { page } = visitor;
  await visitor.signIn('yuna');
  await page.getByText('₩100,000').first().waitFor();
  const tab = await visitor.tab();
  await tab.goto(`${page.url()}accounts/${mina.account}`);
  await tab.getByText('₩100,000').first().waitFor();
  bank().backUp();
  for (const amount of [1_000, 2_000, 3_000, 4_000]) await bank().deposit(mina.account, amount);
  for (const one of [page, tab]) await one.getByText('₩110,000').first().waitFor();

  await bank().end('SIGTERM');
  await page.getByText('Reconnecting').waitFor();
  bank().restore();
  await bank().serve();
  for (const one of [page, tab]) {
    await one.getByText('Live', { exact: true }).waitFor();
    await one.getByText('₩100,000').first().waitFor();
    expect(await one.getByText('₩110,000').count()).toBe(0);
  }
  // Its positions belonged to other records before the restore.
  await bank().deposit(mina.account, 7_000);
  for (const one of [page, tab]) {
    await one.getByText('₩107,000').first().waitFor();
    await one.getByText(/₩7,000 arrived in account/).waitFor();
  }
});
