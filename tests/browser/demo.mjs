// Drives the demo in headless Chromium. Every check prints its name; the last line counts them.
import { chromium } from 'playwright-core';
import path from 'node:path';

const login = process.argv[2];
const base = new URL(login).origin;
const out = process.env.OUT;
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
let passed = 0, failed = 0;
const errors = [];
async function check(name, work) {
  try { await work(); passed += 1; console.log(`ok   ${name}`); }
  catch (e) { failed += 1; console.log(`FAIL ${name}: ${String(e.message).split('\n')[0]}`); }
}
const must = (ok, why) => { if (!ok) throw new Error(why); };

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
const page = await context.newPage();
page.on('console', m => { if (m.type() === 'error') errors.push(m.text()); });
page.on('request', r => { if (!r.url().startsWith(base) && !r.url().startsWith('data:')) errors.push(`left the machine: ${r.url()}`); });
page.setDefaultTimeout(60000);

await check('the link leads to the live case', async () => {
  await page.goto(login);
  must(page.url().endsWith('/case/C-1'), page.url());
  await page.getByText('password expires today').first().waitFor();
});
await check('the link works once', async () => {
  const other = await browser.newContext();
  const p = await other.newPage();
  await p.goto(login);
  must(!(await p.content()).includes('password expires today'), 'the link let a second visitor in');
  await other.close();
});
await check('the approval appears by itself, with every argument', async () => {
  await page.getByRole('button', { name: /^Approve/ }).first().waitFor();
  const text = await page.locator('main').innerText();
  for (const word of ['identity.revoke_sessions', 'employee', 'force_password_reset', 'digest']) must(text.includes(word), word);
  await page.screenshot({ path: path.join(out, 'case.png') });
  await page.screenshot({ path: path.join(out, 'case-full.png'), fullPage: true });
});
await check('the page reads on a telephone and in the dark', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
  must(!wide, 'it scrolls sideways');
  await page.screenshot({ path: path.join(out, 'case-phone.png') });
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
});
await check('approving is answered and the reporter hears the end', async () => {
  await page.getByRole('button', { name: /^Approve/ }).first().click();
  await page.goto(`${base}/chat?as=employee`);
  await page.getByText('signed out everywhere').first().waitFor();
});
await check('a policy question is answered with its source', async () => {
  const box = page.locator('textarea').first();
  await box.fill('may I use a USB stick?');
  await box.press('Enter');
  await page.getByText('removable-media.md').first().waitFor();
  await page.screenshot({ path: path.join(out, 'chat.png') });
});
await check('what is not covered says so', async () => {
  const box = page.locator('textarea').first();
  await box.fill('may I bring my dog to the office?');
  await box.press('Enter');
  await page.getByText('policies do not answer this').first().waitFor();
});
await check('markup in a message stays text', async () => {
  const box = page.locator('textarea').first();
  await box.fill('ask <img src=x onerror=alert(1)><b>bold</b>');
  await box.press('Enter');
  await page.getByText('<b>bold</b>').first().waitFor();
  must(await page.locator('img[src="x"]').count() === 0, 'an element was made of a message');
});
await check('the keyboard reaches the first action', async () => {
  await page.goto(`${base}/`);
  for (let i = 0; i < 12; i += 1) await page.keyboard.press('Tab');
  const tag = await page.evaluate(() => document.activeElement.tagName);
  must(['A', 'BUTTON', 'INPUT', 'SELECT', 'TEXTAREA', 'SUMMARY'].includes(tag), tag);
});
await check('every page answers and nothing left the machine', async () => {
  for (const p of ['/', '/cases', '/cases?show=all', '/gaps', '/alerts/new', '/health', '/errors/NB0601', '/chat']) {
    const r = await page.goto(base + p);
    must(r.ok(), `${p}: ${r.status()}`);
  }
  await page.goto(`${base}/`);
  await page.screenshot({ path: path.join(out, 'home.png') });
  must(errors.length === 0, errors.slice(0, 3).join(' | '));
});
await check('without JavaScript the same pages work', async () => {
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
  const p = await plain.newPage();
  await p.goto(`${base}/chat?as=colleague`);
  await p.locator('textarea').first().fill('who is on call?');
  await p.getByRole('button', { name: 'Send' }).click();
  await p.goto(`${base}/chat?as=colleague`);
  must((await p.locator('main').innerText()).includes('who is on call?'), 'the message is not there');
  await plain.close();
});
await browser.close();
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed ? 1 : 0);
